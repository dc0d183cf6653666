import { describe, expect, it } from "vitest";
import type { Route } from "../src/api/routes";
import type { Sighting } from "../src/api/types";
import {
  inTimeOrder,
  isDrawn,
  type PickedStop,
  placesOf,
  stopOfSighting,
  toggled,
} from "../src/route/stops";

function stop(sightingId: string, camera: string, second: number): PickedStop {
  const arrived = `2026-03-14T06:20:${String(second).padStart(2, "0")}.000Z`;
  return { sightingId, camera, arrived, left: arrived, space: null, objectClass: "person" };
}

const [a, b, c] = [stop("a", "west", 1), stop("b", "middle", 5), stop("c", "west", 9)];

describe("stops", () => {
  it("stand in time order however they were ticked", () => {
    expect(inTimeOrder([c, a, b])).toEqual([a, b, c]);
  });

  it("are ticked and unticked by the same act", () => {
    expect(toggled([b], a)).toEqual([a, b]);
    expect(toggled([a, b], { ...a })).toEqual([b]);
  });

  it("are by the centre's clock, however wrong the box's is", () => {
    const sighting = {
      first_seen: "2026-03-14T06:20:00.000Z",
      last_seen: "2026-03-14T06:20:05.000Z",
      clock_offset_ms: -60_500,
    } as Sighting;
    expect(stopOfSighting(sighting)).toMatchObject({
      arrived: "2026-03-14T06:18:59.500Z",
      left: "2026-03-14T06:19:04.500Z",
    });
    const unmeasured = stopOfSighting({ ...sighting, clock_offset_ms: null });
    expect(unmeasured.left).toBe(sighting.last_seen);
  });

  it("share one marker where a camera was passed twice", () => {
    const positions = new Map([
      ["west", { lon: 1, lat: 2 }],
      ["middle", { lon: 3, lat: 4 }],
    ]);
    const places = placesOf([a, b, c], positions);
    expect(places.map((place) => place.numbers)).toEqual([[1, 3], [2]]);
  });

  it("without a place on the map get no marker, and the others keep their numbers", () => {
    const places = placesOf([a, b], new Map([["middle", { lon: 3, lat: 4 }]]));
    expect(places.map((place) => place.numbers)).toEqual([[2]]);
  });

  it("are drawn only by a route through exactly them", () => {
    const route = { stops: [{ sighting_id: "a" }, { sighting_id: "b" }] } as Route;
    expect(isDrawn(route, [a, b])).toBe(true);
    expect(isDrawn(route, [a])).toBe(false);
    expect(isDrawn(route, [a, c])).toBe(false);
    expect(isDrawn(null, [])).toBe(false);
  });
});
