import { expect, it } from "vitest";
import type { Reach } from "../src/api/types";
import { LANGUAGES } from "../src/i18n/strings";
import { way, wayInFull } from "../src/search/reach";

const { en, ko } = LANGUAGES;
const REACH: Reach = {
  possible: true,
  camera: "north",
  distance_m: 498,
  available_s: 600,
  streets_s: null,
  on_foot: { least: 4, most: 11 },
  by_car: { least: 0, most: 3 },
};

it("says how someone can have come here: on foot, or by car where that is too fast", () => {
  expect(way(REACH, en)).toBe("4–11 min on foot");
  expect(way(REACH, ko)).toBe("도보 4–11분");
  expect(way({ ...REACH, available_s: 100 }, en)).toBe("0–3 min by car");
  expect(way({ ...REACH, possible: false }, en)).toBe("too far in that time");
  expect(way({ ...REACH, possible: false, streets_s: 1620 }, en)).toBe(
    "the streets take 27 min 00 s at least",
  );
  expect(wayInFull(REACH, "North gate", en)).toBe(
    "498 m in 10 min 00 s from North gate; 4–11 min on foot",
  );
});

it("says nothing at the same camera, or where one has no place", () => {
  expect(way({ ...REACH, distance_m: 0 }, en)).toBeNull();
  expect(way({ ...REACH, distance_m: null, on_foot: null, by_car: null }, en)).toBeNull();
});
