/** What the page knows, as the GeoJSON the map draws. */
import type {
  Feature,
  FeatureCollection,
  LineString,
  MultiLineString,
  Point,
  Polygon,
} from "geojson";
import type { Camera, Position, Radius, Route } from "../api/types";
import type { PickedStop } from "../route/stops";
import { circle } from "./circle";

export function cameraFeatures(
  cameras: readonly Camera[],
  chosen: ReadonlySet<string>,
): FeatureCollection<Point> {
  const features = cameras.flatMap((camera): Feature<Point>[] => {
    if (camera.position === null) return [];
    const { lon, lat } = camera.position;
    return [
      {
        type: "Feature",
        properties: { id: camera.id, chosen: chosen.has(camera.id), azimuth: camera.azimuth_deg },
        geometry: { type: "Point", coordinates: [lon, lat] },
      },
    ];
  });
  return { type: "FeatureCollection", features };
}

export function radiusFeatures(radius: Radius | null): FeatureCollection<Polygon> {
  const features: Feature<Polygon>[] =
    radius === null ? [] : [{ type: "Feature", properties: {}, geometry: circle(radius) }];
  return { type: "FeatureCollection", features };
}

type Way = LineString | MultiLineString;

/** The legs of a route as the centre drew it. */
export function routeFeatures(route: Route): FeatureCollection<Way> {
  return legs(
    route.legs.flatMap((leg) => leg.geometry ?? []),
    true,
  );
}

/** Straight lines through stops that are ticked but not drawn by the centre yet. */
export function previewFeatures(
  stops: readonly PickedStop[],
  positions: ReadonlyMap<string, Position>,
): FeatureCollection<Way> {
  const places = stops.flatMap((stop) => {
    const position = positions.get(stop.camera);
    return position === undefined ? [] : [[position.lon, position.lat]];
  });
  const lines = places.slice(1).map((to, i): LineString => ({
    type: "LineString",
    coordinates: [places[i] ?? to, to],
  }));
  return legs(lines, false);
}

function legs(ways: readonly Way[], isDrawn: boolean): FeatureCollection<Way> {
  const features = ways.filter(hasLength).map((geometry): Feature<Way> => ({
    type: "Feature",
    properties: { drawn: isDrawn },
    geometry,
  }));
  return { type: "FeatureCollection", features };
}

/** Two stops at one camera make a leg of a single point: no line, and no arrow. */
function hasLength(way: Way): boolean {
  if (way.type === "MultiLineString") return true;
  const [first, ...rest] = way.coordinates;
  return rest.some((point) => point[0] !== first?.[0] || point[1] !== first?.[1]);
}
