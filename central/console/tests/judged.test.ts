import { describe, expect, it } from "vitest";
import type { Sighting } from "../src/api/types";
import type { PickedStop } from "../src/route/stops";
import { isSame, judgedOf } from "../src/search/judged";

const stop = (sightingId: string, space: string | null): PickedStop => ({
  sightingId,
  camera: "west",
  arrived: "2026-03-14T06:20:00Z",
  left: "2026-03-14T06:20:05Z",
  space,
  objectClass: "person",
});
const sighting = (id: string, space: string) => ({ id, space }) as Sighting;

describe("what a search is told", () => {
  it("is the ticked stops other than the query, and who was hidden", () => {
    const stops = [stop("a", "person"), stop("query", "person"), stop("b", null)];
    const judged = judgedOf(stops, [sighting("c", "person")], sighting("query", "person"));
    expect(judged).toEqual({ confirmed: ["a", "b"], rejected: ["c"] });
  });

  it("leaves out what cannot be compared with the query", () => {
    const stops = [stop("a", "person"), stop("b", "vehicle")];
    const rejected = [sighting("c", "person"), sighting("d", "vehicle")];
    const judged = judgedOf(stops, rejected, sighting("query", "vehicle"));
    expect(judged).toEqual({ confirmed: ["b"], rejected: ["d"] });
  });

  it("is the same in any order", () => {
    const told = { confirmed: ["a", "b"], rejected: [] };
    expect(isSame(told, { confirmed: ["b", "a"], rejected: [] })).toBe(true);
    expect(isSame(told, { confirmed: ["a"], rejected: [] })).toBe(false);
    expect(isSame(told, { confirmed: ["a", "b"], rejected: ["c"] })).toBe(false);
  });
});
