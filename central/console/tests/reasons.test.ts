import { describe, expect, it } from "vitest";
import type { Reason } from "../src/api/routes";
import { LANGUAGES } from "../src/i18n/strings";
import { sentence } from "../src/route/reasons";

const passed: Reason = {
  code: "passed",
  figures: { cameras: "cam-1, cam-2", metres: 1240, unseen: 300 },
  text: "passes the views",
};
const nameOf = (camera: string) =>
  ({ "cam-1": "Library", "cam-2": "North gate" })[camera] ?? camera;

describe("the reasons of a leg", () => {
  it("name cameras as people do, with figures as lengths and times", () => {
    const said = sentence(passed, LANGUAGES.en, nameOf);
    expect(said).toContain("Library, North gate");
    expect(said).toContain("300 m of 1.24 km");
  });

  it("are told in the reader's language", () => {
    expect(sentence(passed, LANGUAGES.ko, nameOf)).toContain("시야를 지나지만 포착되지 않음");
    const stayed = { code: "stayed", figures: { spare: 3700, usual: 95 }, text: "" };
    expect(sentence(stayed, LANGUAGES.ko, nameOf)).toContain("1시간 01분");
  });

  it("are the centre's own words where this page does not know them", () => {
    const unknown = { code: "teleported", figures: {}, text: "beamed up" };
    expect(sentence(unknown, LANGUAGES.ko, nameOf)).toBe("beamed up");
  });

  it("are known in both languages", () => {
    const [en, ko] = [LANGUAGES.en, LANGUAGES.ko].map(({ legs }) => Object.keys(legs.reasons));
    expect(en).toEqual(ko);
  });
});
