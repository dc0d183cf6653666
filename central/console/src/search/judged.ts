import type { Judged, Sighting } from "../api/types";
import type { PickedStop } from "../route/stops";

/** What is known of the one looked for; vectors of another space than `query`'s are left out. */
export function judgedOf(
  stops: readonly PickedStop[],
  rejected: readonly Sighting[],
  query: Sighting | null,
): Judged {
  const isOfUse = (id: string, space: string | null) =>
    id !== query?.id && (query === null || space === null || space === query.space);
  return {
    confirmed: stops
      .map((stop) => ({ id: stop.sightingId, space: stop.space }))
      .filter(({ id, space }) => isOfUse(id, space))
      .map(({ id }) => id),
    rejected: rejected.filter(({ id, space }) => isOfUse(id, space)).map(({ id }) => id),
  };
}

/** Whether both say the same, in whatever order. */
export function isSame(a: Judged, b: Judged): boolean {
  return haveSame(a.confirmed, b.confirmed) && haveSame(a.rejected, b.rejected);
}

function haveSame(a: readonly string[], b: readonly string[]): boolean {
  const known = new Set(a);
  return a.length === b.length && b.every((id) => known.has(id));
}
