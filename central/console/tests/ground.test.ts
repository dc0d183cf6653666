import type { Feature, LineString } from "geojson";
import { describe, expect, it } from "vitest";
import type { Link, ReachableArea } from "../src/api/routes";
import type { Camera } from "../src/api/types";
import { metresBetween } from "../src/map/circle";
import {
  areaFeatures,
  calibrated,
  linkMarks,
  mainLinks,
  viewFeatures,
} from "../src/map/groundFeatures";

const place = { lon: 126.95, lat: 37.5 };
const field = { polygon: null, ground_points: null, fov_deg: 90, near_m: 3, far_m: 40 };

function camera(id: string, view: Camera["view"], azimuth: number | null): Camera {
  const known = { id, name: id, box: null, position: place, address: null };
  return { ...known, azimuth_deg: azimuth, view: view ?? null };
}

describe("what cameras see", () => {
  it("is a piece of a ring where they look", () => {
    const { features } = viewFeatures([camera("east", field, 90)], new Map());
    const ring = features[0]?.geometry.coordinates[0] ?? [];
    const away = ring.map(([lon = 0, lat = 0]) => metresBetween(place, { lon, lat }));
    expect(Math.max(...away)).toBeCloseTo(40, 1);
    expect(Math.min(...away)).toBeCloseTo(3, 1);
    expect(ring.every(([lon = 0]) => lon > place.lon)).toBe(true);
  });

  it("is not drawn where it is not known: without a view, or nobody said where to", () => {
    const cameras = [camera("a", null, 90), camera("b", field, null)];
    expect(viewFeatures(cameras, new Map()).features).toEqual([]);
  });

  it("is asked of the centre only for cameras with ground points", () => {
    const points = { ...field, fov_deg: null, ground_points: [1, 2, 3, 4] };
    expect(calibrated([camera("a", field, 1), camera("b", points, 1)])).toEqual(["b"]);
  });
});

describe("areas", () => {
  it("lie below those that are reached earlier, counted up from now", () => {
    const geometry = { type: "Polygon" as const, coordinates: [] };
    const area = (minutes: number): ReachableArea => {
      return { means: "walk", minutes, seconds: 60 * minutes, straight: false, geometry };
    };
    const { features } = areaFeatures([area(0), area(5), { ...area(15), geometry: null }]);
    expect(features.map(({ properties }) => properties.order)).toEqual([1, 0]);
  });
});

describe("learnt links", () => {
  const link = (properties: Partial<Link>): Feature<LineString, Link> => ({
    type: "Feature",
    geometry: {
      type: "LineString",
      coordinates: [
        [0, 0],
        [1, 1],
      ],
    },
    properties: {
      from: "a",
      to: "b",
      object_class: "person",
      samples: 3,
      p05_s: 60,
      p50_s: 96,
      p95_s: 160,
      trusted: true,
      ...properties,
    },
  });

  it("are those of the class with the most trips, each way by itself", () => {
    const features = [link({}), link({ samples: 9, p50_s: 40 }), link({ from: "b", to: "a" })];
    const found = mainLinks({ type: "FeatureCollection", features });
    expect(found.features.map(({ properties }) => properties.p50_s)).toEqual([40, 96]);
  });

  it("say their median only where it is trusted, nearer their start", () => {
    const features = [link({}), link({ trusted: false })];
    const [mark, ...more] = linkMarks({ type: "FeatureCollection", features });
    expect(more).toEqual([]);
    expect(mark?.position.lon).toBeCloseTo(0.35);
  });
});
