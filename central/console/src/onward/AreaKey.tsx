import { MEANS, type Means, type ReachableArea } from "../api/routes";
import { useStrings } from "../i18n/context";

const WIDTHS: Readonly<Record<Means, string>> = { walk: "0", bus: "6 3", car: "2 3" };

/** What the areas on the map mean. */
export function AreaKey({ areas }: { areas: readonly ReachableArea[] }) {
  const words = useStrings().onward;
  const shown = areas.filter(({ geometry }) => geometry !== null);
  const means = MEANS.filter((each) => shown.some((area) => area.means === each));
  const moments = [...new Set(shown.map(({ minutes }) => minutes))].sort((a, b) => a - b);
  if (areas.length > 0 && shown.length === 0) return <p className="hint">{words.tooLong}</p>;
  return (
    <ul className="area-key">
      {means.map((each) => (
        <li key={each}>
          {words.means[each]}
          {moments.map((minutes, order) => (
            <span key={minutes} className={`area ${each}`}>
              <svg viewBox="0 0 16 12" aria-hidden="true">
                <rect
                  x="1"
                  y="1"
                  width="14"
                  height="10"
                  fillOpacity={0.5 / (order + 1)}
                  strokeDasharray={WIDTHS[each]}
                />
              </svg>
              {minutes === 0 ? words.atMoment : words.minutes(minutes)}
            </span>
          ))}
        </li>
      ))}
      {shown.some(({ straight }) => straight) && <li className="hint">{words.straight}</li>}
    </ul>
  );
}
