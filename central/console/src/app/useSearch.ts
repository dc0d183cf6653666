import { useMemo } from "react";
import { sighting as loadSighting } from "../api/centre";
import type { Scope, SearchResult, Sighting } from "../api/types";
import { type Load, useLoad } from "../api/useLoad";
import { type Query, runSearch, subjectOf } from "../search/query";

export interface Search {
  /** The newest answer about the one looked for; never one about somebody else. */
  result: Load<SearchResult>;
  /** The sighting searched with, null for a picture or while it loads. */
  sighting: Sighting | null;
  /** Whether the sighting is there, if one was searched with and there is one. */
  isReady: boolean;
}

/** Runs again whenever the query or the scope is another. */
export function useSearch(query: Query | null, scope: Scope | null): Search {
  const answer = useLoad(
    useMemo(() => {
      if (query === null || scope === null) return null;
      const subject = subjectOf(query);
      return async (signal: AbortSignal) => ({
        subject,
        found: await runSearch(query, scope, signal),
      });
    }, [query, scope]),
  );
  const id = query?.kind === "sighting" ? query.id : null;
  const sighting = useLoad(
    useMemo(() => (id === null ? null : (signal: AbortSignal) => loadSighting(id, signal)), [id]),
  );
  const { value } = answer;
  return {
    result: {
      ...answer,
      value: value !== null && value.subject === subjectOf(query) ? value.found : null,
    },
    sighting: sighting.value?.id === id ? sighting.value : null,
    isReady: !sighting.loading,
  };
}
