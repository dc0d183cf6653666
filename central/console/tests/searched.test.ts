import { describe, expect, it } from "vitest";
import type { AttributeSet, Scope, Sighting } from "../src/api/types";
import { type Naming, type Searching, searchedText } from "../src/route/searched";
import { NOTHING_ASKED, NOTHING_JUDGED } from "../src/search/request";
import { ANYWHERE } from "./anywhere";

const SETS: AttributeSet[] = [
  {
    name: "upper_colour",
    object_class: "person",
    names: { en: "upper clothing", ko: "상의 색" },
    values: [{ value: "red", names: { en: "red", ko: "빨강" } }],
  },
];
const EN: Naming = { language: "en", sets: SETS, cameraName: (id) => `camera ${id}` };
const KO: Naming = { ...EN, language: "ko" };
const SIGHTING = { id: "s1", camera: "a", first_seen: "2026-03-14T06:30:10Z" } as Sighting;
const BY_SIGHTING: Searching = {
  query: { kind: "sighting", id: "s1", words: null, judged: NOTHING_JUDGED },
  sighting: SIGHTING,
  words: null,
  scope: ANYWHERE,
  confirmed: 3,
  rejected: 1,
};

describe("how the stops were found", () => {
  it("says whom, where, when and what was judged", () => {
    const text = searchedText(BY_SIGHTING, EN);
    expect(text).toMatch(/^Searched with the sighting at camera a, Mar 14, 2026, \d\d:30 .+; /);
    expect(text).toMatch(/; all cameras; any time; 3 confirmed; 1 ruled out\.$/);
    expect(searchedText(BY_SIGHTING, KO)).toMatch(
      /^camera a, 2026년 3월 14일.*의 목격으로 검색; 모든 카메라; 모든 시간; 확인 3건; 제외 1건\.$/,
    );
  });

  it("names cameras, window, class and looks as they were filtered", () => {
    const scope: Scope = {
      cameras: ["a", "b"],
      from: "2026-03-14T06:00:00Z",
      to: "2026-03-14T08:00:00Z",
      objectClass: "person",
      attributes: { upper_colour: ["red"] },
      leastConfidence: 0.5,
    };
    const file = { name: "child.webp" } as File;
    const query = { kind: "picture", file, words: null, judged: NOTHING_JUDGED } as const;
    const text = searchedText({ ...BY_SIGHTING, query, sighting: null, scope }, EN);
    expect(text).toContain("Searched with the uploaded picture child.webp; 2 cameras (camera a, ");
    expect(text).toMatch(/; Mar 14, 2026, \d\d:00\s–\s\d\d:00 [^;]+; /);
    expect(text).toContain("; Person; upper clothing: red; each at least 50% likely; ");
  });

  it("says what the words asked for instead of the filters", () => {
    const words = {
      ...NOTHING_ASKED,
      plate: "12?3456",
      cameras: { radius: { center: { lon: 127, lat: 37.5 }, metres: 500 } },
    };
    const asked: Searching = {
      ...BY_SIGHTING,
      query: { kind: "words", words },
      words: "12?3456 역",
    };
    expect(searchedText(asked, EN)).toBe(
      "Searched by words; words “12?3456 역”; cameras within 500 m of 37.50000, 127.00000; " +
        "any time; 12?3456; 3 confirmed; 1 ruled out.",
    );
    const cleared = { ...BY_SIGHTING, words: "nothing of it was understood" };
    expect(searchedText(cleared, EN)).not.toContain("understood");
  });

  it("is no longer than the centre keeps, however much was asked", () => {
    const long = { ...BY_SIGHTING, query: { kind: "words", words: NOTHING_ASKED } as const };
    const text = searchedText({ ...long, words: "😀".repeat(5_000) }, EN);
    expect(Array.from(text)).toHaveLength(4_000);
    expect(text.endsWith("😀…")).toBe(true);
    const cameras = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
    const many = searchedText({ ...BY_SIGHTING, scope: { ...ANYWHERE, cameras } }, EN);
    expect(many).toContain("camera c19, …)");
    expect(many).toContain("10000 cameras (");
    expect(many).not.toContain("c20");
  });

  it("says that nothing was searched with where somebody only looked", () => {
    expect(searchedText({ ...BY_SIGHTING, query: null, sighting: null, scope: null }, EN)).toBe(
      "Picked by looking through sightings; 3 confirmed; 1 ruled out.",
    );
  });
});
