import type { Candidate, Reach, Sighting } from "../api/types";
import { useCameraName } from "../app/CameraNames";
import { dateAndTime } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { When } from "../ui/When";
import { SightingWords } from "../words/SightingWords";
import { way, wayInFull } from "./reach";
import { SightingCrop } from "./SightingCrop";

export interface CandidateActions {
  isStop: (sighting: Sighting) => boolean;
  onToggle: (sighting: Sighting) => void;
  onSearch: (sighting: Sighting) => void;
  onReject: (sighting: Sighting) => void;
  onPoint: (camera: string | null) => void;
}

/** One match: the whole card ticks it as a stop. */
export function CandidateCard({
  rank,
  band,
  reach,
  sighting,
  ...act
}: Candidate & CandidateActions) {
  const strings = useStrings();
  const language = useLanguage();
  const camera = useCameraName()(sighting.camera);
  const time = dateAndTime(sighting.first_seen, language);
  return (
    <div
      className="candidate"
      onPointerEnter={() => act.onPoint(sighting.camera)}
      onPointerLeave={() => act.onPoint(null)}
      onFocus={() => act.onPoint(sighting.camera)}
      onBlur={() => act.onPoint(null)}
    >
      <label className="card">
        <input
          type="checkbox"
          checked={act.isStop(sighting)}
          aria-label={strings.search.tick(camera, time)}
          onChange={() => act.onToggle(sighting)}
        />
        <SightingCrop sighting={sighting} camera={camera} />
        <span className="rank" title={strings.search.rank(rank)}>
          {rank}
        </span>
        <span className="card-camera">{camera}</span>
        <When iso={sighting.first_seen} />
        <SightingWords sighting={sighting} />
        {band && <span className={`band ${band}`}>{strings.search.band[band]}</span>}
        {reach && <Way reach={reach} />}
      </label>
      <div className="card-actions">
        <button type="button" title={strings.search.reject} onClick={() => act.onReject(sighting)}>
          <Icon name="close" label={`${strings.search.reject}: ${camera}, ${time}`} />
        </button>
        <button type="button" title={strings.search.again} onClick={() => act.onSearch(sighting)}>
          <Icon name="search" label={`${strings.search.again}: ${camera}, ${time}`} />
        </button>
      </div>
    </div>
  );
}

/** How they can have come from the stop that speaks most against it; nothing where none says. */
function Way({ reach }: { reach: Reach }) {
  const strings = useStrings();
  const from = useCameraName()(reach.camera);
  const text = way(reach, strings);
  if (text === null) return null;
  return (
    <span className="reach" title={wayInFull(reach, from, strings)}>
      {text}
    </span>
  );
}
