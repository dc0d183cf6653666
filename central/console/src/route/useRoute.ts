import { useMemo, useState } from "react";
import { route as loadRoute } from "../api/centre";
import type { ApiError } from "../api/client";
import type { Route } from "../api/routes";
import type { Sighting } from "../api/types";
import { useLoad } from "../api/useLoad";
import { isDrawn, type PickedStop, stopOfSighting, stopsOfRoute, toggled } from "./stops";
import type { Drawing } from "./useDrawing";

export interface RouteWork {
  stops: readonly PickedStop[];
  /** The stored route the address names. */
  saved: Route | null;
  /** The same, but only while it goes through exactly `stops`. */
  drawn: Route | null;
  /** Whether it is known which stops there are. */
  isReady: boolean;
  isLoading: boolean;
  isDrawing: boolean;
  error: ApiError | null;
  has: (sighting: Sighting) => boolean;
  toggle: (stop: PickedStop) => void;
  /** Starts again with these stops; null: with what the address names. */
  restart: (stops: readonly PickedStop[] | null) => void;
  /** `searched`: how the stops were found, in words. */
  draw: (searched: string) => void;
  clear: () => void;
}

/**
 * The stops that are ticked, and the route the centre drew through them.
 *
 * @param routeId the stored route in the address
 * @param query what was searched with: the first stop when nothing else is known
 * @param drawing the route that is being drawn
 * @param open puts a route, or none, into the address
 */
export function useRoute(
  routeId: string | null,
  query: Sighting | null,
  drawing: Drawing,
  open: (routeId: string | null) => void,
): RouteWork {
  const stored = useLoad(
    useMemo(
      () => (routeId === null ? null : (signal: AbortSignal) => loadRoute(routeId, signal)),
      [routeId],
    ),
  );
  const [picked, setPicked] = useState<readonly PickedStop[] | null>(null);

  const saved = stored.value;
  const ticked = useMemo(() => {
    if (picked !== null) return picked;
    return query === null || routeId !== null ? [] : [stopOfSighting(query)];
  }, [picked, query, routeId]);
  const drawn = picked === null || isDrawn(saved, picked) ? saved : null;
  // The centre's order where there is one: it numbered the stops.
  const stops = useMemo(() => (drawn === null ? ticked : stopsOfRoute(drawn)), [drawn, ticked]);

  const restart = (next: readonly PickedStop[] | null) => {
    setPicked(next);
    drawing.forgive();
  };
  return {
    stops,
    saved,
    drawn,
    isReady: picked !== null || !stored.loading,
    isLoading: stored.loading,
    isDrawing: drawing.isDrawing,
    error: drawing.error ?? stored.error,
    has: (sighting) => stops.some((stop) => stop.sightingId === sighting.id),
    toggle: (stop) => restart(toggled(stops, stop)),
    restart,
    draw: (searched) => drawing.draw(stops, searched, open),
    clear: () => {
      drawing.abandon();
      restart([]);
      open(null);
    },
  };
}
