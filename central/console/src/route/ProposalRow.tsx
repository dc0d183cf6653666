import { cropUrl } from "../api/centre";
import type { SuggestedStop } from "../api/routes";
import type { Sighting } from "../api/types";
import { useCameraName } from "../app/CameraNames";
import { dateAndTime, percent } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { When } from "../ui/When";

export interface ProposalActions {
  onConfirm: (sighting: Sighting) => void;
  onReject: (sighting: Sighting) => void;
}

interface Props {
  proposal: SuggestedStop;
  /** Its judgement would tell most. */
  isAsked: boolean;
  actions: ProposalActions;
  onPoint: (camera: string | null) => void;
}

/** A stop that was suggested: it counts only once somebody confirmed it. */
export function ProposalRow({ proposal, isAsked, actions, onPoint }: Props) {
  const strings = useStrings();
  const language = useLanguage();
  const { sighting, chance } = proposal;
  const camera = useCameraName()(sighting.camera);
  const words = strings.onward.suggest;
  const alt = strings.cropOf(words.proposal, camera, dateAndTime(sighting.first_seen, language));
  return (
    <tr
      className="proposal"
      onPointerEnter={() => onPoint(sighting.camera)}
      onPointerLeave={() => onPoint(null)}
    >
      <td>
        <span className="stop-number" title={words.proposal}>
          ?
        </span>
      </td>
      <td>
        <img className="thumb" src={cropUrl(sighting.id)} alt={alt} />
      </td>
      <td>
        {camera} <span className="muted">{words.chance(percent(chance, language))}</span>
        {isAsked && <span className="badge">{words.asks}</span>}
      </td>
      <td>
        <When iso={sighting.first_seen} />
      </td>
      <td>
        <When iso={sighting.last_seen} />
      </td>
      <td>
        <span className="proposal-actions">
          <button
            type="button"
            className="button small"
            aria-label={words.confirmAt(camera)}
            onClick={() => actions.onConfirm(sighting)}
          >
            {words.confirm}
          </button>
          <button type="button" className="quiet" onClick={() => actions.onReject(sighting)}>
            <Icon name="close" label={words.reject(camera)} />
          </button>
        </span>
      </td>
    </tr>
  );
}
