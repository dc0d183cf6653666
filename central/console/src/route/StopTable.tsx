import type { Route, RouteLeg } from "../api/types";
import { cropUrl } from "../api/centre";
import { useCameraName } from "../app/CameraNames";
import { dateAndTime, distance, duration, speed } from "../format/format";
import { useLanguage, useStrings } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { When } from "../ui/When";
import type { PickedStop } from "./stops";

interface Props {
  stops: readonly PickedStop[];
  route: Route | null;
  onRemove: (stop: PickedStop) => void;
  onPoint: (camera: string | null) => void;
}

/** One row a stop, with the leg that leads on from it. */
export function StopTable({ stops, route, onRemove, onPoint }: Props) {
  const strings = useStrings();
  const { stop, camera, arrived, left, onward, time, speed: pace } = strings.route;
  return (
    <div className="table-frame">
      <table className="stops">
        <thead>
          <tr>
            <th scope="col" colSpan={2}>
              {stop}
            </th>
            <th scope="col">{camera}</th>
            <th scope="col">{arrived}</th>
            <th scope="col">{left}</th>
            <th scope="col" className="number">
              {onward}
            </th>
            <th scope="col" className="number">
              {time}
            </th>
            <th scope="col" className="number">
              {pace}
            </th>
            <th aria-label={strings.clear} />
          </tr>
        </thead>
        <tbody>
          {stops.map((entry, i) => (
            <StopRow
              key={entry.sightingId}
              number={i + 1}
              stop={entry}
              leg={route?.legs[i] ?? null}
              hasPlace={route === null || route.stops[i]?.position !== null}
              onRemove={onRemove}
              onPoint={onPoint}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Pick<Props, "onRemove" | "onPoint"> {
  number: number;
  stop: PickedStop;
  leg: RouteLeg | null;
  hasPlace: boolean;
}

function StopRow({ number, stop, leg, hasPlace, onRemove, onPoint }: RowProps) {
  const strings = useStrings();
  const language = useLanguage();
  const camera = useCameraName()(stop.camera);
  const alt = strings.cropOf(
    `${strings.route.stop} ${number}`,
    camera,
    dateAndTime(stop.arrived, language),
  );
  return (
    <tr onPointerEnter={() => onPoint(stop.camera)} onPointerLeave={() => onPoint(null)}>
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
      <LegCells leg={leg} />
      <td>
        <button type="button" className="quiet" onClick={() => onRemove(stop)}>
          <Icon name="close" label={strings.route.remove(camera)} />
        </button>
      </td>
    </tr>
  );
}

function LegCells({ leg }: { leg: RouteLeg | null }) {
  const { units } = useStrings();
  if (leg === null) return <td colSpan={3} />;
  return (
    <>
      <td className="number">{distance(leg.distance_m, units)}</td>
      <td className="number">{duration(leg.duration_s, units)}</td>
      <td className="number">{speed(leg.speed_m_s, units)}</td>
    </>
  );
}
