/** The sightings an operator has confirmed, and how they make a route. */
import type { Route, SuggestedStop } from "../api/routes";
import type { ObjectClass, Position, Sighting } from "../api/types";

export interface PickedStop {
  sightingId: string;
  camera: string;
  /** By the centre's clock, as in a stored route. */
  arrived: string;
  left: string;
  /** The embedding space of its vector; null: not known, as of a stored route. */
  space: string | null;
  objectClass: ObjectClass;
}

export function stopOfSighting(sighting: Sighting): PickedStop {
  return {
    sightingId: sighting.id,
    camera: sighting.camera,
    arrived: byCentre(sighting.first_seen, sighting),
    left: byCentre(sighting.last_seen, sighting),
    space: sighting.space,
    objectClass: sighting.object_class,
  };
}

/** A time of the box's clock by the centre's. */
function byCentre(iso: string, { clock_offset_ms: ahead }: Sighting): string {
  return ahead === null ? iso : new Date(Date.parse(iso) + ahead).toISOString();
}

export function stopsOfRoute(route: Route): PickedStop[] {
  return route.stops.map((stop) => ({
    sightingId: stop.sighting_id,
    camera: stop.camera,
    arrived: stop.arrived,
    left: stop.left,
    space: null,
    objectClass: stop.object_class,
  }));
}

/** `stops` as they happened; the id decides between two of the same millisecond. */
export function inTimeOrder(stops: readonly PickedStop[]): PickedStop[] {
  return [...stops].sort(
    (a, b) =>
      Date.parse(a.arrived) - Date.parse(b.arrived) || a.sightingId.localeCompare(b.sightingId),
  );
}

/** `stops` with `stop` taken in, or taken out when it was in. */
export function toggled(stops: readonly PickedStop[], stop: PickedStop): PickedStop[] {
  const without = stops.filter((other) => other.sightingId !== stop.sightingId);
  return inTimeOrder(without.length < stops.length ? without : [...stops, stop]);
}

/** Whether `route` goes through exactly `stops`. */
export function isDrawn(route: Route | null, stops: readonly PickedStop[]): boolean {
  if (route?.stops.length !== stops.length) return false;
  const ids = new Set(route.stops.map((stop) => stop.sighting_id));
  return stops.every((stop) => ids.has(stop.sightingId));
}

export type Listed =
  | { kind: "stop"; number: number; stop: PickedStop }
  | { kind: "proposal"; proposal: SuggestedStop };

/** Stops as they are numbered, and each proposal after the last stop that began before it. */
export function listed(
  stops: readonly PickedStop[],
  proposals: readonly SuggestedStop[],
): Listed[] {
  const waiting = [...proposals].sort((a, b) => begin(a) - begin(b));
  const rows: Listed[] = [];
  const propose = (before: number) => {
    while (waiting[0] !== undefined && begin(waiting[0]) < before) {
      rows.push({ kind: "proposal", proposal: waiting[0] });
      waiting.shift();
    }
  };
  stops.forEach((stop, i) => {
    propose(Date.parse(stop.arrived));
    rows.push({ kind: "stop", number: i + 1, stop });
  });
  propose(Infinity);
  return rows;
}

function begin({ sighting }: SuggestedStop): number {
  return Date.parse(byCentre(sighting.first_seen, sighting));
}

export interface Place {
  camera: string;
  position: Position;
  /** The numbers of the stops there: a camera may be passed more than once. */
  numbers: number[];
}

/** Where the numbered markers go: one for each place, stops without a place left out. */
export function placesOf(
  stops: readonly PickedStop[],
  positions: ReadonlyMap<string, Position>,
): Place[] {
  const places = new Map<string, Place>();
  stops.forEach((stop, i) => {
    const position = positions.get(stop.camera);
    if (position === undefined) return;
    const known = places.get(stop.camera) ?? { camera: stop.camera, position, numbers: [] };
    known.numbers.push(i + 1);
    places.set(stop.camera, known);
  });
  return [...places.values()];
}
