/** What the page knows, as the GeoJSON the map draws. */
import type { Feature, FeatureCollection, Point, Polygon } from "geojson";
import type { Camera, Radius } from "../api/types";
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
