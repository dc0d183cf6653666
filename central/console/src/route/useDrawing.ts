import { useCallback, useRef, useState } from "react";
import { drawRoute } from "../api/centre";
import { type ApiError, asApiError } from "../api/client";
import type { PickedStop } from "./stops";

export interface Drawing {
  isDrawing: boolean;
  error: ApiError | null;
  /** `searched`: how the stops were found, in words; `open` is told the route's id. */
  draw: (stops: readonly PickedStop[], searched: string, open: (id: string) => void) => void;
  /** The stops are others now: what went wrong with those before is of no use. */
  forgive: () => void;
  /** Nobody waits for it any more: it is not opened when it comes. */
  abandon: () => void;
}

/** A route that the centre draws. */
export function useDrawing(): Drawing {
  const [isDrawing, setDrawing] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const running = useRef<AbortController>(null);

  const forgive = useCallback(() => setError(null), []);
  const abandon = useCallback(() => {
    running.current?.abort();
    setDrawing(false);
    setError(null);
  }, []);
  const draw: Drawing["draw"] = (stops, searched, open) => {
    running.current = new AbortController();
    const { signal } = running.current;
    setDrawing(true);
    setError(null);
    const ids = stops.map((stop) => stop.sightingId);
    // Not broken off: the centre may have kept it by then.
    drawRoute(ids, searched)
      .then((route) => !signal.aborted && open(route.id))
      .catch((failure: unknown) => !signal.aborted && setError(asApiError(failure)))
      .finally(() => !signal.aborted && setDrawing(false));
  };
  return { isDrawing, error, draw, forgive, abandon };
}
