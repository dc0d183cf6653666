import type { RouteLeg } from "../api/routes";
import { useCameraName } from "../app/CameraNames";
import { distance, duration, speed } from "../format/format";
import { useStrings } from "../i18n/context";
import { LineSample } from "../ui/LineSample";
import { sentence } from "./reasons";
import type { LegChoice } from "./StopTable";

interface Props {
  leg: RouteLeg | null;
  legs: LegChoice;
  chosen: ReadonlySet<string>;
  onChoose: (camera: string) => void;
  onPoint: (camera: string | null) => void;
}

/** What is known between two stops: its type, its figures, and why. */
export function LegRow({ leg, legs, ...act }: Props) {
  const strings = useStrings();
  const nameOf = useCameraName();
  if (leg === null) return null;
  const { type, ways } = strings.legs;
  const isSelected = legs.selected === leg.from;
  const others = leg.type === "CONTRADICTION" ? 0 : leg.ways.length - 1;
  return (
    <tr className={`leg ${leg.type}`} data-selected={isSelected}>
      <td colSpan={6}>
        <button
          type="button"
          className="leg-head"
          aria-pressed={isSelected}
          title={strings.legs.leg(leg.from, leg.to)}
          onClick={() => legs.select(isSelected ? null : leg.from)}
        >
          <LineSample kind={leg.type} />
          <b>{type[leg.type]}</b>
          <LegFigures leg={leg} />
          {others > 0 && <span className="muted">{ways(others)}</span>}
        </button>
        <ul className="reasons">
          {leg.reasons.map((reason) => (
            <li key={reason.code}>{sentence(reason, strings, nameOf)}</li>
          ))}
        </ul>
        <Explanations leg={leg} />
        <AskAgain cameras={leg.ask_again} {...act} />
      </td>
    </tr>
  );
}

function LegFigures({ leg }: { leg: RouteLeg }) {
  const { units, legs } = useStrings();
  const time =
    leg.overlap_s > 0
      ? legs.atOnce(duration(leg.overlap_s, units))
      : duration(leg.duration_s, units);
  return (
    <span className="figures">
      {leg.distance_m !== null && <span>{distance(leg.distance_m, units)}</span>}
      <span>{time}</span>
      {leg.speed_m_s !== null && <span>{speed(leg.speed_m_s, units)}</span>}
    </span>
  );
}

/** What would explain a contradiction, the likely ones first. */
function Explanations({ leg }: { leg: RouteLeg }) {
  const strings = useStrings();
  const nameOf = useCameraName();
  if (leg.explanations.length === 0) return null;
  return (
    <div className="explanations">
      {strings.legs.explained}
      <ul>
        {leg.explanations.map((explanation) => (
          <li key={explanation.code}>
            {sentence(explanation, strings, nameOf)}
            {explanation.likely && <span className="badge">{strings.legs.likely}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Cameras whose pictures are worth a second look: a click chooses one. */
function AskAgain({
  cameras,
  chosen,
  onChoose,
  onPoint,
}: Pick<Props, "chosen" | "onChoose" | "onPoint"> & { cameras: readonly string[] }) {
  const strings = useStrings();
  const nameOf = useCameraName();
  if (cameras.length === 0) return null;
  return (
    <p className="ask-again">
      {strings.legs.askAgain}
      {cameras.map((camera) => (
        <button
          key={camera}
          type="button"
          className="button small"
          aria-pressed={chosen.has(camera)}
          title={strings.legs.choose(nameOf(camera))}
          onClick={() => onChoose(camera)}
          onPointerEnter={() => onPoint(camera)}
          onPointerLeave={() => onPoint(null)}
        >
          {nameOf(camera)}
        </button>
      ))}
    </p>
  );
}
