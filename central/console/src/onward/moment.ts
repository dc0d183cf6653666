/** From which stop, for which moment and by what means it is asked where they can be. */
import type { Means, NextRequest, Route } from "../api/routes";
import type { ObjectClass } from "../api/types";
import type { PickedStop } from "../route/stops";

/** Minutes from the moment for which there are areas as well: how they grow. */
export const GROWING = [0, 5, 15] as const;
const CAMERAS = 12;
const MINUTE_MS = 60_000;
/** Longer ago, "now" says little: what came right after the last stop is asked first. */
const RECENT_MS = 30 * MINUTE_MS;

export interface LastStop {
  /** Null: the stops are not drawn as a route. */
  routeId: string | null;
  sightingId: string;
  camera: string;
  left: string;
  objectClass: ObjectClass;
}

/** The stop that was left last. */
export function lastOf(route: Route | null, stops: readonly PickedStop[]): LastStop | null {
  if (route !== null) {
    const last = latest(route.stops);
    if (last === null) return null;
    return {
      routeId: route.id,
      sightingId: last.sighting_id,
      camera: last.camera,
      left: last.left,
      objectClass: last.object_class,
    };
  }
  const last = latest(stops);
  if (last === null) return null;
  const { sightingId, camera, left, objectClass } = last;
  return { routeId: null, sightingId, camera, left, objectClass };
}

function latest<T extends { left: string }>(stops: readonly T[]): T | null {
  return stops.reduce<T | null>(
    (last, stop) => (last === null || Date.parse(stop.left) > Date.parse(last.left) ? stop : last),
    null,
  );
}

export function isRecent(iso: string): boolean {
  return Date.now() - Date.parse(iso) < RECENT_MS;
}

/** Vehicles drive; others walk, and may take a bus. */
export function usualMeans(last: LastStop | null): readonly Means[] {
  return last?.objectClass === "vehicle" || last?.objectClass === "two_wheeler"
    ? ["car"]
    : ["walk"];
}

/** @param after minutes after the last stop; null: now */
export function requestOf(
  last: LastStop,
  after: number | null,
  means: readonly Means[],
): NextRequest {
  const now =
    after === null ? null : new Date(Date.parse(last.left) + after * MINUTE_MS).toISOString();
  return { now, modes: means, minutes: GROWING, most: CAMERAS };
}
