/** What cameras see and where one can be, as the GeoJSON the map draws. */
import type { Feature, FeatureCollection, LineString, Polygon } from "geojson";
import type { Area, Link, Means, ReachableArea } from "../api/routes";
import type { Camera, Position } from "../api/types";
import { boundsOf, circle, sector } from "./circle";
import type { Bounds } from "./graticule";

/**
 * What each camera sees: its polygon, else what `derived` says (of those with ground points), else
 * its field of view. Cameras of which it is not known are left out.
 */
export function viewFeatures(
  cameras: readonly Camera[],
  derived: ReadonlyMap<string, Polygon>,
): FeatureCollection<Polygon, { id: string }> {
  const features = cameras.flatMap((camera): Feature<Polygon, { id: string }>[] => {
    const geometry = derived.get(camera.id) ?? viewOf(camera);
    if (geometry === null) return [];
    return [{ type: "Feature", properties: { id: camera.id }, geometry }];
  });
  return { type: "FeatureCollection", features };
}

function viewOf({ position, azimuth_deg, view }: Camera): Polygon | null {
  if (view == null) return null;
  if (view.polygon !== null) return view.polygon;
  const { ground_points, fov_deg, near_m, far_m } = view;
  if (position === null || ground_points !== null || fov_deg === null || far_m === null) {
    return null;
  }
  if (fov_deg >= 360) {
    const around = circle({ center: position, metres: far_m });
    if (near_m === null || near_m <= 0) return around;
    const hole = circle({ center: position, metres: near_m }).coordinates[0] ?? [];
    return { ...around, coordinates: [...around.coordinates, hole.toReversed()] };
  }
  if (azimuth_deg === null) return null;
  return sector(position, { from: near_m ?? 0, to: far_m }, azimuth_deg, fov_deg);
}

/** Cameras whose view only the centre can work out. */
export function calibrated(cameras: readonly Camera[]): string[] {
  return cameras
    .filter(({ view }) => view != null && view.polygon === null && view.ground_points !== null)
    .map(({ id }) => id);
}

/** Areas, the latest and widest first: below the others. `order` counts up from now. */
export function areaFeatures(
  areas: readonly ReachableArea[],
): FeatureCollection<Area, { means: Means; order: number }> {
  const moments = [...new Set(areas.map(({ minutes }) => minutes))].sort((a, b) => a - b);
  const features = [...areas]
    .sort((a, b) => b.minutes - a.minutes)
    .flatMap(({ means, minutes, geometry }) => {
      if (geometry === null) return [];
      const properties = { means, order: moments.indexOf(minutes) };
      return [{ type: "Feature" as const, properties, geometry }];
    });
  return { type: "FeatureCollection", features };
}

/** Around what can be reached by the first of the moments. */
export function areaBounds(areas: readonly ReachableArea[]): Bounds | null {
  const first = Math.min(...areas.map(({ minutes }) => minutes));
  const places = areas.flatMap(({ minutes, geometry }) => {
    if (geometry === null || minutes !== first) return [];
    return geometry.type === "Polygon" ? geometry.coordinates.flat() : geometry.coordinates.flat(2);
  });
  return boundsOf(places.map(([lon = 0, lat = 0]) => ({ lon, lat })));
}

export interface LinkMark {
  position: Position;
  seconds: number;
}

/** Of two cameras the link of the class with the most trips, each way. */
export function mainLinks(
  links: FeatureCollection<LineString, Link>,
): FeatureCollection<LineString, Link> {
  const best = new Map<string, Feature<LineString, Link>>();
  for (const link of links.features) {
    const key = JSON.stringify([link.properties.from, link.properties.to]);
    const known = best.get(key);
    if (known === undefined || known.properties.samples < link.properties.samples) {
      best.set(key, link);
    }
  }
  return { type: "FeatureCollection", features: [...best.values()] };
}

/** Where the median of each trusted link is written: nearer its start, apart from the way back. */
export function linkMarks(links: FeatureCollection<LineString, Link>): LinkMark[] {
  return links.features.flatMap(({ geometry, properties }) => {
    const [from, to] = geometry.coordinates;
    if (!properties.trusted || from === undefined || to === undefined) return [];
    const at = (i: 0 | 1) => (from[i] ?? 0) + 0.35 * ((to[i] ?? 0) - (from[i] ?? 0));
    return [{ position: { lon: at(0), lat: at(1) }, seconds: properties.p50_s }];
  });
}
