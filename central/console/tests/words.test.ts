import { describe, expect, it } from "vitest";
import type { AttributeSet } from "../src/api/types";
import { choose, details, pairs, setsOf, summary, wordsOf } from "../src/words/words";

const YES_NO = [
  { value: "yes", names: { en: "yes", ko: "있음" } },
  { value: "no", names: { en: "no", ko: "없음" } },
];
const SETS: AttributeSet[] = [
  {
    name: "upper_colour",
    object_class: "person",
    names: { en: "upper clothing", ko: "상의 색" },
    values: [{ value: "red", names: { en: "red", ko: "빨강" } }],
  },
  {
    name: "hat",
    object_class: "person",
    names: { en: "hat", ko: "모자" },
    values: YES_NO,
  },
  {
    name: "backpack",
    object_class: "person",
    names: { en: "backpack", ko: "배낭" },
    values: YES_NO,
  },
  {
    name: "vehicle_type",
    object_class: "vehicle",
    names: { en: "vehicle type", ko: "차종" },
    values: [{ value: "van", names: { en: "van", ko: "승합차" } }],
  },
];
const SAID = {
  sleeves: { value: "long", confidence: 0.8 },
  backpack: { value: "yes", confidence: 0.62 },
  hat: { value: "no", confidence: 0.9 },
  upper_colour: { value: "red", confidence: 0.71 },
};

describe("words", () => {
  it("are in the reader's language and in the order of the label sets", () => {
    const words = wordsOf(SAID, SETS, "ko");
    expect(words.map((word) => word.value)).toEqual(["빨강", "없음", "있음", "long"]);
    expect(words.map((word) => word.of)).toEqual(["상의 색", "모자", "배낭", "sleeves"]);
  });

  it("leave what is not there and what is not sure to the details", () => {
    expect(summary(wordsOf(SAID, SETS, "en"), SAID)).toBe("red · backpack · long");
    const unsure = { upper_colour: { value: "red", confidence: 0.4 } };
    expect(summary(wordsOf(unsure, SETS, "en"), unsure)).toBe("");
    expect(details(wordsOf(unsure, SETS, "en"))).toBe("upper clothing: red (40 %)");
  });
});

describe("the filter", () => {
  it("offers what the class of object has", () => {
    expect(setsOf(SETS, "vehicle").map((set) => set.name)).toEqual(["vehicle_type"]);
    expect(setsOf(SETS, null)).toEqual(SETS);
  });

  it("asks for a value until it is taken back", () => {
    const red = choose({}, "upper_colour", "red");
    expect(pairs(choose(red, "hat", "yes"))).toEqual(["upper_colour=red", "hat=yes"]);
    expect(choose(red, "upper_colour", "")).toEqual({});
  });
});
