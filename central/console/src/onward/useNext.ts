import { useEffect, useMemo, useState } from "react";
import { nextOfRoute, nextOfSighting } from "../api/centre";
import type { Means, NextAnswer, Route } from "../api/routes";
import { type Load, useLoad } from "../api/useLoad";
import type { PickedStop } from "../route/stops";
import { isRecent, type LastStop, lastOf, requestOf, usualMeans } from "./moment";

const REFRESH_MS = 60_000;

export interface NextWork {
  last: LastStop | null;
  answer: Load<NextAnswer>;
  /** Minutes after the last stop; null: now. */
  after: number | null;
  means: readonly Means[];
  setAfter: (minutes: number | null) => void;
  setMeans: (means: readonly Means[]) => void;
}

const SOME_MINUTES = 5;

/**
 * Where they can be after the last stop, and which cameras see them next. While `isOpen` and the
 * page is seen, what they can be "now" is asked anew every minute.
 */
export function useNext(
  isOpen: boolean,
  route: Route | null,
  stops: readonly PickedStop[],
): NextWork {
  const last = useMemo(() => lastOf(route, stops), [route, stops]);
  const [chosenAfter, setAfter] = useState<number | null | undefined>(undefined);
  const [chosenMeans, setMeans] = useState<readonly Means[] | null>(null);
  const usualAfter = useMemo(
    () => (last === null || isRecent(last.left) ? null : SOME_MINUTES),
    [last],
  );
  const after = chosenAfter === undefined ? usualAfter : chosenAfter;
  const means = useMemo(() => chosenMeans ?? usualMeans(last), [chosenMeans, last]);

  const answer = useLoad(
    useMemo(() => {
      if (!isOpen || last === null || means.length === 0) return null;
      const request = requestOf(last, after, means);
      return (signal: AbortSignal) =>
        last.routeId === null
          ? nextOfSighting(last.sightingId, request, signal)
          : nextOfRoute(last.routeId, request, signal);
    }, [isOpen, last, after, means]),
    false,
  );
  const { retry } = answer;
  const follows = isOpen && after === null;
  useEffect(() => {
    if (!follows) return;
    const timer = setInterval(() => {
      if (!document.hidden) retry();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [follows, retry]);
  return { last, answer, after, means, setAfter, setMeans };
}
