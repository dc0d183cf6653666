/** Circles and distances on the sphere (mean Earth radius, IUGG 1980). */
import type { Polygon } from "geojson";
import type { Position, Radius } from "../api/types";
import type { Bounds } from "./graticule";

const EARTH_M = 6_371_008.8;
const CORNERS = 96;
const RADIANS = Math.PI / 180;

/** Metres between `a` and `b` along a great circle (haversine). */
export function metresBetween(a: Position, b: Position): number {
  const dLat = (b.lat - a.lat) * RADIANS;
  const dLon = (b.lon - a.lon) * RADIANS;
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The circle as a polygon. Longitudes run on past 180 rather than jump. */
export function circle({ center, metres }: Radius): Polygon {
  const ring = Array.from({ length: CORNERS }, (_, i) =>
    destination(center, (i / CORNERS) * 2 * Math.PI, metres),
  );
  const first = ring[0];
  return { type: "Polygon", coordinates: [first ? [...ring, first] : []] };
}

/** The smallest box around `positions`, null when there are none. */
export function boundsOf(positions: readonly Position[]): Bounds | null {
  if (positions.length === 0) return null;
  const bounds = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const { lon, lat } of positions) {
    bounds.west = Math.min(bounds.west, lon);
    bounds.east = Math.max(bounds.east, lon);
    bounds.south = Math.min(bounds.south, lat);
    bounds.north = Math.max(bounds.north, lat);
  }
  return bounds;
}

function destination(from: Position, bearing: number, metres: number): [number, number] {
  const angle = metres / EARTH_M;
  const lat1 = from.lat * RADIANS;
  const lat2 = Math.asin(
    Math.sin(lat1) * Math.cos(angle) + Math.cos(lat1) * Math.sin(angle) * Math.cos(bearing),
  );
  const dLon = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(lat1),
    Math.cos(angle) - Math.sin(lat1) * Math.sin(lat2),
  );
  return [from.lon + dLon / RADIANS, lat2 / RADIANS];
}

/** A piece of a ring around `from`, `fov` degrees wide about `azimuth` (clockwise from north). */
export function sector(
  from: Position,
  metres: { from: number; to: number },
  azimuth: number,
  fov: number,
): Polygon {
  const steps = Math.max(2, Math.ceil((CORNERS * fov) / 360));
  const bearing = (i: number) => (azimuth - fov / 2 + (fov * i) / steps) * RADIANS;
  const arc = (radius: number) =>
    Array.from({ length: steps + 1 }, (_, i) => destination(from, bearing(i), radius));
  const near = metres.from > 0 ? arc(metres.from).reverse() : [[from.lon, from.lat]];
  const ring = [...arc(metres.to), ...near];
  const first = ring[0];
  return { type: "Polygon", coordinates: [first ? [...ring, first] : []] };
}
