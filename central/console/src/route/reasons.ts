/** The reasons of a leg in the reader's language, with cameras by their names. */
import type { Reason } from "../api/routes";
import { distance, duration } from "../format/format";
import type { Figures } from "../i18n/legs";
import type { Strings } from "../i18n/strings";

/** Which figures are metres; other numbers are seconds. */
const METRES = new Set(["metres", "apart", "most", "unseen", "assumed"]);

/** A sentence; the centre's own, in English, for a reason this page does not know yet. */
export function sentence(
  { code, figures, text }: Reason,
  strings: Strings,
  nameOf: (camera: string) => string,
): string {
  const say = strings.legs.reasons[code];
  return say === undefined ? text : say(read(figures, strings, nameOf));
}

function read(
  figures: Reason["figures"],
  { units }: Strings,
  nameOf: (camera: string) => string,
): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => {
      if (typeof value === "number") {
        const isMetres = METRES.has(name);
        return [name, isMetres ? distance(value, units) : duration(value, units)];
      }
      return [name, name === "cameras" || name === "camera" ? named(value, nameOf) : value];
    }),
  );
}

function named(cameras: string, nameOf: (camera: string) => string): string {
  return cameras.split(", ").map(nameOf).join(", ");
}
