import { cropUrl } from "../api/centre";
import { useCameraName } from "../app/CameraNames";
import { dateAndTime } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { When } from "../ui/When";
import type { PickedStop } from "./stops";

interface Props {
  number: number;
  stop: PickedStop;
  hasPlace: boolean;
  onRemove: (stop: PickedStop) => void;
  onPoint: (camera: string | null) => void;
}

export function StopRow({ number, stop, hasPlace, onRemove, onPoint }: Props) {
  const strings = useStrings();
  const language = useLanguage();
  const camera = useCameraName()(stop.camera);
  const alt = strings.cropOf(
    `${strings.route.stop} ${number}`,
    camera,
    dateAndTime(stop.arrived, language),
  );
  return (
    <tr
      className="stop"
      onPointerEnter={() => onPoint(stop.camera)}
      onPointerLeave={() => onPoint(null)}
    >
      <td>
        <span className="stop-number">{number}</span>
      </td>
      <td>
        <img className="thumb" src={cropUrl(stop.sightingId)} alt={alt} />
      </td>
      <td>
        {camera}
        {!hasPlace && <span className="badge">{strings.route.noPlace}</span>}
      </td>
      <td>
        <When iso={stop.arrived} />
      </td>
      <td>
        <When iso={stop.left} />
      </td>
      <td>
        <button type="button" className="quiet" onClick={() => onRemove(stop)}>
          <Icon name="close" label={strings.route.remove(camera)} />
        </button>
      </td>
    </tr>
  );
}
