import type { Minutes, Reach } from "../api/types";
import { distance, duration } from "../format/format";
import type { Strings } from "../i18n/strings";

const S_A_MINUTE = 60;

/** How someone comes from the stop to here; null: no way to say, or the same camera. */
export function way(reach: Reach, { reach: say, units }: Strings): string | null {
  const { possible, distance_m, available_s, streets_s, on_foot, by_car } = reach;
  if (!possible)
    return streets_s === null ? say.impossible : say.streets(duration(streets_s, units));
  if (distance_m === null || distance_m === 0 || on_foot === null) return null;
  const walks = available_s >= on_foot.least * S_A_MINUTE;
  if (walks || by_car === null) return say.onFoot(range(on_foot));
  return say.byCar(range(by_car));
}

/** The same with what it is judged by: "498 m in 10 min from North gate; 4–11 min on foot". */
export function wayInFull(reach: Reach, from: string, strings: Strings): string {
  const far = distance(reach.distance_m, strings.units);
  const took = duration(reach.available_s, strings.units);
  const within = strings.reach.within(far, took, from);
  return [within, way(reach, strings)].filter((part) => part !== null).join("; ");
}

function range({ least, most }: Minutes): string {
  return least === most ? `${most}` : `${least}–${most}`;
}
