import { describe, expect, it } from "vitest";
import type { AttributeSet, ParsedQuestion, Scope } from "../src/api/types";
import { chipsOf, saysNothing, widerOf, wordsOfQuestion } from "../src/ask/question";
import { LANGUAGES } from "../src/i18n/strings";
import { NOTHING_ASKED, NOTHING_JUDGED, requestOf } from "../src/search/request";

const SETS: AttributeSet[] = [
  {
    name: "upper_colour",
    object_class: "person",
    names: { en: "upper clothing", ko: "상의 색" },
    values: [
      { value: "red", names: { en: "red", ko: "빨강" } },
      { value: "pink", names: { en: "pink", ko: "분홍" } },
    ],
  },
  {
    name: "backpack",
    object_class: "person",
    names: { en: "backpack", ko: "배낭" },
    values: [{ value: "no", names: { en: "no", ko: "없음" } }],
  },
];
const PARSED: ParsedQuestion = {
  request: {
    ...NOTHING_ASKED,
    object_class: "person",
    attributes: { upper_colour: ["red", "pink"], backpack: ["yes"] },
    cameras: { radius: { center: { lon: 127, lat: 37.5 }, metres: 500 } },
  },
  understood: [
    { text: "강남역", means: "cameras=2", wider: false },
    { text: "500m", means: "metres=500", wider: false },
  ],
  not_understood: ["쯤"],
};
const SCOPE: Scope = {
  cameras: ["a"],
  from: "2026-03-14T06:00:00Z",
  to: null,
  objectClass: "vehicle",
  attributes: { vehicle_colour: ["red"] },
  leastConfidence: 0.5,
};

describe("a sentence", () => {
  it("is shown as chips in the reader's language, each with the rest without it", () => {
    const words = wordsOfQuestion("…", PARSED);
    const texts = (language: "en" | "ko") =>
      chipsOf(words, SETS, language, LANGUAGES[language]).map((chip) => chip.text);
    expect(texts("en")).toEqual([
      "Person",
      "upper clothing: red, pink",
      "backpack",
      "강남역 500 m",
    ]);
    expect(texts("ko")).toEqual(["사람", "상의 색: 빨강, 분홍", "배낭", "강남역 500 m"]);
    let left = words;
    while (!saysNothing(left.asked)) {
      const chips = chipsOf(left, SETS, "en", LANGUAGES.en);
      left = { ...left, asked: chips[0]?.without ?? left.asked };
      expect(chipsOf(left, SETS, "en", LANGUAGES.en)).toHaveLength(chips.length - 1);
    }
  });

  it("shows hours and days, and a plate", () => {
    const asked = {
      ...NOTHING_ASKED,
      plate: "12?3456",
      from: "2026-03-14T05:30:00Z",
      hours: { from: "22:00", to: "05:00", days: ["fri", "sat"] as const, zone: null },
    };
    const words = { text: "", asked, place: "", unused: [], wider: [] };
    const texts = chipsOf(words, SETS, "en", LANGUAGES.en).map((chip) => chip.text);
    expect(texts[0]).toBe("12?3456");
    expect(texts[1]).toMatch(/^Mar 1\d.* –$/);
    expect(texts[2]).toBe("22:00–05:00 Fri, Sat");
  });

  it("says what it did not use, metres around no place among it", () => {
    expect(wordsOfQuestion("…", PARSED).unused).toEqual(["쯤"]);
    const nowhere = { ...PARSED, request: { ...PARSED.request, cameras: null } };
    expect(wordsOfQuestion("…", nowhere).unused).toEqual(["쯤", "500m"]);
  });
});

describe("a word for less than its filter fits", () => {
  const crimson = { text: "crimson", means: "upper_colour=red", wider: true };
  const words = wordsOfQuestion("…", {
    ...PARSED,
    understood: [crimson, ...PARSED.understood],
  });

  it("is told with what is looked for in its stead", () => {
    expect(widerOf(words, SETS, "en", LANGUAGES.en)).toEqual(["crimson → upper clothing: red"]);
    const bicycle = { text: "자전거", means: "object_class=two_wheeler", wider: true };
    const asked = { ...NOTHING_ASKED, object_class: "two_wheeler" as const };
    const told = widerOf({ ...words, asked, wider: [bicycle] }, SETS, "ko", LANGUAGES.ko);
    expect(told).toEqual([`자전거 → ${LANGUAGES.ko.objectClass.two_wheeler}`]);
  });

  it("is told no more once its filter was taken away", () => {
    const left = { ...words, asked: { ...words.asked, attributes: {} } };
    expect(widerOf(left, SETS, "en", LANGUAGES.en)).toEqual([]);
  });
});

describe("a request", () => {
  it("takes from the scope what the words do not say", () => {
    const plate = { ...NOTHING_ASKED, plate: "12?3456" };
    expect(requestOf(SCOPE, plate, NOTHING_JUDGED)).toMatchObject({
      cameras: { ids: ["a"] },
      from: SCOPE.from,
      to: null,
      object_class: "vehicle",
      attributes: SCOPE.attributes,
      plate: "12?3456",
      least_confidence: 0.5,
    });
  });

  it("takes places, days and looks of the words before those of the scope", () => {
    const asked = { ...PARSED.request, to: "2026-03-14T05:00:00Z" };
    expect(requestOf(SCOPE, asked, NOTHING_JUDGED)).toMatchObject({
      cameras: asked.cameras,
      from: null,
      to: asked.to,
      object_class: "person",
      attributes: asked.attributes,
    });
  });

  it("is the scope alone without words, and never too long for the centre", () => {
    const confirmed = Array.from({ length: 101 }, (_, i) => String(i));
    const request = requestOf(SCOPE, null, { confirmed, rejected: ["x"] });
    expect(request).toMatchObject({ cameras: { ids: ["a"] }, plate: null, rejected: ["x"] });
    expect(request.confirmed).toEqual(confirmed.slice(1));
  });
});
