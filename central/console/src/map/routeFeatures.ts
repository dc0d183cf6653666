/** A route, its other ways and suggested ones, as the GeoJSON the map draws. */
import type { Feature, FeatureCollection, LineString } from "geojson";
import type { LegType, Route, RouteLeg, SuggestedPath, Way } from "../api/routes";
import type { Position } from "../api/types";
import type { PickedStop } from "../route/stops";

type Positions = ReadonlyMap<string, Position>;

export interface LegProperties {
  /** PREVIEW: through stops that are ticked, but not drawn by the centre yet. */
  type: LegType | "PREVIEW";
  selected: boolean;
}

/** The legs of a route as the centre drew them. A contradiction was not travelled: it has none. */
export function routeFeatures(
  route: Route,
  selected: number | null,
): FeatureCollection<Way, LegProperties> {
  const features = route.legs.flatMap(({ from, type, geometry }) => {
    if (type === "CONTRADICTION" || geometry === null || !hasLength(geometry)) return [];
    return [feature(geometry, { type, selected: from === selected })];
  });
  return { type: "FeatureCollection", features };
}

/** Straight lines through stops that are ticked but not drawn by the centre yet. */
export function previewFeatures(
  stops: readonly PickedStop[],
  positions: Positions,
): FeatureCollection<Way, LegProperties> {
  const properties = { type: "PREVIEW", selected: false } as const;
  const lines = straight(
    stops.map((stop) => stop.camera),
    positions,
  );
  return {
    type: "FeatureCollection",
    features: lines.map((line) => feature(line, properties)),
  };
}

/** The pieces of legs not observed that no working camera looks at. */
export function gapFeatures(route: Route | null): FeatureCollection<Way, { type: LegType }> {
  const features = (route?.legs ?? []).flatMap(({ type, gaps }) => {
    if (type === "OBSERVED" || type === "CONTRADICTION") return [];
    return gaps.map(({ geometry }) => feature(geometry, { type }));
  });
  return { type: "FeatureCollection", features };
}

/** The ways of `leg` besides the one that is drawn. */
export function wayFeatures(
  leg: RouteLeg | null,
): FeatureCollection<Way, { type: LegType; plausible: boolean }> {
  const others = leg === null || leg.type === "CONTRADICTION" ? [] : leg.ways.slice(1);
  return {
    type: "FeatureCollection",
    features: others.map(({ geometry, plausible }) =>
      feature(geometry, { type: leg?.type ?? "UNOBSERVED", plausible }),
    ),
  };
}

/** Suggested ways straight from camera to camera, the chosen one last: above the others. */
export function suggestedFeatures(
  paths: readonly SuggestedPath[],
  chosen: number | null,
  positions: Positions,
): FeatureCollection<LineString, { chosen: boolean }> {
  const ordered = [...paths].sort((a, b) => +(a.rank === chosen) - +(b.rank === chosen));
  const features = ordered.flatMap(({ rank, stops }) =>
    straight(
      stops.map((stop) => stop.sighting.camera),
      positions,
    ).map((line) => feature(line, { chosen: rank === chosen })),
  );
  return { type: "FeatureCollection", features };
}

function straight(cameras: readonly string[], positions: Positions): LineString[] {
  const places = cameras.flatMap((camera) => {
    const position = positions.get(camera);
    return position === undefined ? [] : [[position.lon, position.lat]];
  });
  return places
    .slice(1)
    .map((to, i): LineString => ({ type: "LineString", coordinates: [places[i] ?? to, to] }))
    .filter(hasLength);
}

function feature<G extends Way, P>(geometry: G, properties: P): Feature<G, P> {
  return { type: "Feature", properties, geometry };
}

/** Two stops at one camera make a leg of a single point: no line, and no arrow. */
function hasLength(way: Way): boolean {
  if (way.type === "MultiLineString") return true;
  const [first, ...rest] = way.coordinates;
  return rest.some((point) => point[0] !== first?.[0] || point[1] !== first?.[1]);
}
