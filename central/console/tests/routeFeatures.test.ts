import { describe, expect, it } from "vitest";
import type { LegType, Route, RouteLeg, Way } from "../src/api/routes";
import { gapFeatures, routeFeatures, wayFeatures } from "../src/map/routeFeatures";

const line: Way = {
  type: "LineString",
  coordinates: [
    [1, 2],
    [3, 4],
  ],
};

function leg(from: number, type: LegType, geometry: Way | null = line): RouteLeg {
  const way = {
    mode: "walk",
    distance_m: 9,
    seconds: 9,
    plausible: true,
    straight: false,
    geometry: line,
  } as const;
  return {
    from,
    to: from + 1,
    type,
    reason: "",
    reasons: [],
    explanations: [],
    distance_m: 9,
    duration_s: 9,
    overlap_s: 0,
    speed_m_s: 1,
    mode: "walk",
    ways: [way, way, way],
    gaps: [{ from_m: 1, to_m: 2, geometry: line }],
    ask_again: [],
    geometry,
  };
}

function route(...legs: RouteLeg[]): Route {
  const named = { id: "r", name: null, created_at: "", version: 1, purpose: null };
  return { ...named, stops: [], legs, distance_m: 9, duration_s: 9 };
}

describe("the legs on the map", () => {
  it("are drawn by their type, the selected one marked", () => {
    const { features } = routeFeatures(route(leg(1, "OBSERVED"), leg(2, "COVERAGE_GAP")), 2);
    expect(features.map(({ properties }) => properties)).toEqual([
      { type: "OBSERVED", selected: false },
      { type: "COVERAGE_GAP", selected: true },
    ]);
  });

  it("never draw a contradiction, whatever comes with it", () => {
    const contradiction = leg(1, "CONTRADICTION");
    expect(routeFeatures(route(contradiction), 1).features).toEqual([]);
    expect(gapFeatures(route(contradiction)).features).toEqual([]);
    expect(wayFeatures(contradiction).features).toEqual([]);
  });

  it("mark the gaps of what was not observed alone", () => {
    const { features } = gapFeatures(route(leg(1, "OBSERVED"), leg(2, "UNOBSERVED")));
    expect(features.map(({ properties }) => properties)).toEqual([{ type: "UNOBSERVED" }]);
  });

  it("show the other ways of the selected leg, not the drawn one again", () => {
    expect(wayFeatures(leg(1, "UNOBSERVED")).features).toHaveLength(2);
    expect(wayFeatures(null).features).toEqual([]);
  });
});
