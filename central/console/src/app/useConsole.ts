import { useCallback, useMemo, useState } from "react";
import type { Sighting } from "../api/types";
import { withheld } from "../api/useLoad";
import { useAsking } from "../ask/useAsking";
import { useNext } from "../onward/useNext";
import { stopOfSighting, toggled } from "../route/stops";
import { useDrawing } from "../route/useDrawing";
import { useRoute } from "../route/useRoute";
import { useScope } from "../scope/useScope";
import { isSame, judgedOf } from "../search/judged";
import { queryOf } from "../search/query";
import { useJudging } from "../search/useJudging";
import { suggestible } from "../suggest/suggestible";
import { useSuggest } from "../suggest/useSuggest";
import { useSearch } from "./useSearch";
import { useUrlState } from "./useUrlState";

export type Tab = "browse" | "matches" | "next";

/** The operator's work: the query, its matches, the stops, and the address that shares them. */
export function useConsole() {
  const scope = useScope();
  const asking = useAsking();
  const judging = useJudging();
  const drawing = useDrawing();
  const [picture, setPicture] = useState<File | null>(null);
  const [returned, setReturned] = useState(0);
  const clearWords = asking.clear;
  const { abandon } = drawing;
  const onReturn = useCallback(() => {
    setReturned((count) => count + 1);
    clearWords();
    abandon();
  }, [clearWords, abandon]);
  const [url, go] = useUrlState(onReturn);
  const [tab, setTab] = useState<Tab>(url.query === null ? "browse" : "matches");

  const { asked } = asking;
  const { told } = judging;
  const query = useMemo(
    () => queryOf(picture, url.query, asked, told),
    [picture, url.query, asked, told],
  );
  const hasLooks = query !== null && query.kind !== "words";
  const search = useSearch(query, scope.scope);
  const openRoute = (id: string | null) => go((now) => ({ ...now, route: id }));
  const route = useRoute(url.route, search.sighting, drawing, openRoute);
  // A match that was ticked earlier would take the place of the stops the address names.
  const isReady = search.isReady && route.isReady;
  const judged = judgedOf(route.stops, judging.rejected, search.sighting);
  const next = useNext(tab === "next", route.drawn, route.stops);
  const suggest = useSuggest(
    useMemo(
      () => suggestible(isReady ? query : null, scope.scope, route.stops, judging.rejected),
      [isReady, query, scope.scope, route.stops, judging.rejected],
    ),
  );
  const isKnown = query?.kind === "picture" || search.sighting !== null;

  // Back and Forward lead to what the address names, not to what was ticked since.
  const [seen, setSeen] = useState(returned);
  if (seen !== returned) {
    setSeen(returned);
    setPicture(null);
    judging.restart();
    route.restart(null);
    suggest.close();
    setTab(url.query === null ? "browse" : "matches");
  }

  /** A new search, for someone else: the stops start again. */
  const searchFor = (sighting: Sighting) => {
    setPicture(null);
    asking.clear();
    judging.restart();
    abandon();
    route.restart([stopOfSighting(sighting)]);
    suggest.close();
    go({ query: sighting.id, route: null });
    setTab("matches");
  };
  /** A search with another picture of the same one: the stops stay, and are told. */
  const searchOn = (sighting: Sighting) => {
    setPicture(null);
    // Words that found the first picture said when it was: now it is sought at any time.
    if (!hasLooks) asking.clear();
    const stop = stopOfSighting(sighting);
    const stops = route.has(sighting) ? route.stops : toggled(route.stops, stop);
    judging.tell(judgedOf(stops, judging.rejected, sighting));
    abandon();
    route.restart(stops);
    go({ ...url, query: sighting.id });
  };
  const restart = judging.restart;
  const searchPicture = useCallback(
    (file: File) => {
      clearWords();
      restart();
      setPicture(file);
      setTab("matches");
    },
    [clearWords, restart],
  );
  const endSearch = () => {
    setPicture(null);
    asking.clear();
    judging.restart();
    route.restart(route.stops);
    suggest.close();
    go({ ...url, query: null });
    setTab("browse");
  };
  return {
    scope,
    tab,
    setTab,
    query,
    picture,
    search: isReady ? search : { ...search, result: withheld(search.result) },
    route,
    next,
    suggest,
    asking,
    searching: {
      query,
      sighting: search.sighting,
      words: asking.words?.text ?? null,
      scope: scope.scope,
      confirmed: route.stops.length,
      rejected: judging.rejected.length,
    },
    searchFor,
    searchOn,
    searchPicture,
    endSearch,
    /** With a sighting or picture the words narrow its matches. */
    ask: () => {
      if (!hasLooks) judging.restart();
      asking.submit();
      setTab("matches");
    },
    clearWords: hasLooks ? asking.clear : endSearch,
    toggleStop: (sighting: Sighting) =>
      route.restart(toggled(route.stops, stopOfSighting(sighting))),
    /** Where they can be now, or back to where one was. */
    toggleNext: () => {
      setTab(tab !== "next" ? "next" : url.query === null ? "browse" : "matches");
    },
    reject: (sighting: Sighting) => {
      judging.reject(sighting);
      if (route.has(sighting)) route.toggle(stopOfSighting(sighting));
    },
    round: {
      hidden: judging.hidden,
      next: isKnown && !isSame(judged, told) ? judged : null,
      onSearch: () => judging.tell(judged),
      onUnhide: judging.unhide,
    },
  };
}
