import { useCallback, useMemo, useState } from "react";
import type { Sighting } from "../api/types";
import { stopOfSighting, toggled } from "../route/stops";
import { useRoute } from "../route/useRoute";
import { useScope } from "../scope/useScope";
import type { Query } from "../search/query";
import { useSearch } from "./useSearch";
import { useUrlState } from "./useUrlState";

export type Tab = "browse" | "matches";

/** The operator's work: the query, its matches, the stops, and the address that shares them. */
export function useConsole() {
  const scope = useScope();
  const [picture, setPicture] = useState<File | null>(null);
  const [returned, setReturned] = useState(0);
  const [url, go] = useUrlState(useCallback(() => setReturned((count) => count + 1), []));
  const [tab, setTab] = useState<Tab>(url.query === null ? "browse" : "matches");

  const query = useMemo((): Query | null => {
    if (picture !== null) return { kind: "picture", file: picture };
    return url.query === null ? null : { kind: "sighting", id: url.query };
  }, [picture, url.query]);
  const search = useSearch(query, scope.scope);
  const route = useRoute(url.route, search.sighting, (id) => go({ ...url, route: id }));

  // Back and Forward lead to what the address names, not to what was ticked since.
  const [seen, setSeen] = useState(returned);
  if (seen !== returned) {
    setSeen(returned);
    setPicture(null);
    route.restart(null);
    setTab(url.query === null ? "browse" : "matches");
  }

  /** A new search, for someone else: the stops start again. */
  const searchFor = (sighting: Sighting) => {
    setPicture(null);
    route.restart([stopOfSighting(sighting)]);
    go({ query: sighting.id, route: null });
    setTab("matches");
  };
  /** A search with another picture of the same one: the stops stay. */
  const searchOn = (sighting: Sighting) => {
    setPicture(null);
    if (!route.has(sighting)) route.toggle(stopOfSighting(sighting));
    else route.restart(route.stops);
    go({ ...url, query: sighting.id });
  };
  const searchPicture = useCallback((file: File) => {
    setPicture(file);
    setTab("matches");
  }, []);
  const endSearch = () => {
    setPicture(null);
    route.restart(route.stops);
    go({ ...url, query: null });
    setTab("browse");
  };
  return {
    scope,
    tab,
    setTab,
    query,
    picture,
    search,
    route,
    searchFor,
    searchOn,
    searchPicture,
    endSearch,
    toggleStop: (sighting: Sighting) =>
      route.restart(toggled(route.stops, stopOfSighting(sighting))),
  };
}
