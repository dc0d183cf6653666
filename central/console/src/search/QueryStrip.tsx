import { useEffect, useMemo } from "react";
import type { Sighting } from "../api/types";
import { useCameraName } from "../app/CameraNames";
import { dateAndTime } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { When } from "../ui/When";
import { SightingWords } from "../words/SightingWords";
import { SightingCrop } from "./SightingCrop";

interface Props {
  sighting: Sighting | null;
  picture: File | null;
  isStop: boolean;
  onToggle: (sighting: Sighting) => void;
  onEnd: () => void;
}

/** What is being looked for, above what was found. */
export function QueryStrip({ sighting, picture, isStop, onToggle, onEnd }: Props) {
  const strings = useStrings();
  return (
    <div className="query-strip">
      {picture !== null && <UploadedPicture picture={picture} />}
      {sighting !== null && (
        <QuerySighting sighting={sighting} isStop={isStop} onToggle={onToggle} />
      )}
      <button type="button" className="quiet" onClick={onEnd} title={strings.search.end}>
        <Icon name="close" label={strings.search.end} />
      </button>
    </div>
  );
}

interface QuerySightingProps extends Pick<Props, "isStop" | "onToggle"> {
  sighting: Sighting;
}

function QuerySighting({ sighting, isStop, onToggle }: QuerySightingProps) {
  const strings = useStrings();
  const language = useLanguage();
  const camera = useCameraName()(sighting.camera);
  const time = dateAndTime(sighting.first_seen, language);
  return (
    <>
      <SightingCrop sighting={sighting} camera={camera} />
      <div className="query-text">
        <span className="eyebrow">{strings.search.query}</span>
        <strong>{camera}</strong>
        <When iso={sighting.first_seen} />
        <SightingWords sighting={sighting} />
      </div>
      <label className="tick">
        <input
          type="checkbox"
          checked={isStop}
          aria-label={strings.search.tick(camera, time)}
          onChange={() => onToggle(sighting)}
        />
        <span>{strings.route.stop}</span>
      </label>
    </>
  );
}

function UploadedPicture({ picture }: { picture: File }) {
  const strings = useStrings();
  const url = useMemo(() => URL.createObjectURL(picture), [picture]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return (
    <>
      <img className="crop" src={url} alt={strings.search.uploaded} />
      <div className="query-text">
        <span className="eyebrow">{strings.search.query}</span>
        <strong>{strings.search.uploaded}</strong>
        <span className="muted">{picture.name}</span>
      </div>
    </>
  );
}
