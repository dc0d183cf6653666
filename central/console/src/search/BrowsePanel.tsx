import { MAX_BROWSED_CAMERAS } from "../api/centre";
import type { Sighting } from "../api/types";
import { useCameraName } from "../app/CameraNames";
import { dateAndTime } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";
import { ErrorNote } from "../ui/ErrorNote";
import { Note, Progress } from "../ui/Note";
import { When } from "../ui/When";
import { SightingWords } from "../words/SightingWords";
import { SightingCrop } from "./SightingCrop";
import type { Sightings } from "./useSightings";

interface Props {
  sightings: Sightings;
  onPick: (sighting: Sighting) => void;
  onPoint: (camera: string | null) => void;
}

/** Recent sightings as pictures; picking one searches with it. */
export function BrowsePanel({ sightings, onPick, onPoint }: Props) {
  const strings = useStrings();
  const { items, loading, error, tooManyCameras, isEmpty, hasMore, more, refresh } = sightings;
  return (
    <div className="panel-body">
      <Progress active={loading} text={strings.loading} />
      <ErrorNote error={error} retry={refresh} />
      {tooManyCameras && <Note>{strings.browse.tooMany(MAX_BROWSED_CAMERAS)}</Note>}
      {isEmpty && <Note>{strings.browse.empty}</Note>}
      {items.length > 0 && <p className="hint">{strings.browse.hint}</p>}
      <ul className="crops">
        {items.map((sighting) => (
          <li key={sighting.id}>
            <BrowseCard sighting={sighting} onPick={onPick} onPoint={onPoint} />
          </li>
        ))}
      </ul>
      {hasMore && (
        <button type="button" className="wide" onClick={more} disabled={loading}>
          {strings.browse.more}
        </button>
      )}
    </div>
  );
}

interface CardProps extends Pick<Props, "onPick" | "onPoint"> {
  sighting: Sighting;
}

function BrowseCard({ sighting, onPick, onPoint }: CardProps) {
  const strings = useStrings();
  const language = useLanguage();
  const camera = useCameraName()(sighting.camera);
  const action = strings.browse.pick(camera, dateAndTime(sighting.first_seen, language));
  return (
    <button
      type="button"
      className="card"
      aria-label={action}
      onClick={() => onPick(sighting)}
      onPointerEnter={() => onPoint(sighting.camera)}
      onPointerLeave={() => onPoint(null)}
      onFocus={() => onPoint(sighting.camera)}
      onBlur={() => onPoint(null)}
    >
      <SightingCrop sighting={sighting} camera={camera} />
      <span className="card-camera">{camera}</span>
      <When iso={sighting.first_seen} />
      <SightingWords sighting={sighting} />
    </button>
  );
}
