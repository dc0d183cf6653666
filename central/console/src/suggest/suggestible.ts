import type { Scope, SearchRequest, Sighting } from "../api/types";
import type { PickedStop } from "../route/stops";
import { judgedOf } from "../search/judged";
import type { Query } from "../search/query";
import { requestOf } from "../search/request";

/** The search to put a way together from; null: nobody is named by a sighting. */
export function suggestible(
  query: Query | null,
  scope: Scope | null,
  stops: readonly PickedStop[],
  rejected: readonly Sighting[],
): SearchRequest | null {
  if (query === null || scope === null) return null;
  const judged = judgedOf(stops, rejected, null);
  const by = query.kind === "sighting" ? query.id : null;
  if (by === null && judged.confirmed.length === 0) return null;
  const confirmed = judged.confirmed.filter((id) => id !== by);
  const request = requestOf(scope, query.words, { ...judged, confirmed });
  return by === null ? request : { by: { sighting_id: by }, ...request };
}
