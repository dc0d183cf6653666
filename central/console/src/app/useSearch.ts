import { useMemo } from "react";
import { sighting as loadSighting } from "../api/centre";
import type { Scope, SearchResult, Sighting } from "../api/types";
import { type Load, useLoad } from "../api/useLoad";
import { type Query, runSearch } from "../search/query";

export interface Search {
  result: Load<SearchResult>;
  /** The sighting searched with, null for a picture or while it loads. */
  sighting: Sighting | null;
}

/** Runs again whenever the query or the scope is another. */
export function useSearch(query: Query | null, scope: Scope | null): Search {
  const result = useLoad(
    useMemo(() => {
      if (query === null || scope === null) return null;
      return (signal: AbortSignal) => runSearch(query, scope, signal);
    }, [query, scope]),
  );
  const id = query?.kind === "sighting" ? query.id : null;
  const sighting = useLoad(
    useMemo(() => (id === null ? null : (signal: AbortSignal) => loadSighting(id, signal)), [id]),
  );
  return { result, sighting: sighting.value?.id === id ? sighting.value : null };
}
