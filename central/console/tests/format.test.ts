import { describe, expect, it } from "vitest";
import { distance, duration, speed, utcText } from "../src/format/format";
import { LANGUAGES, pickLanguage } from "../src/i18n/strings";
import {
  fromLocalField,
  isReversed,
  toLocalField,
  windowOf,
  ANY_TIME,
} from "../src/scope/timeWindow";
import { filterCameras } from "../src/scope/filterCameras";
import { circle, metresBetween } from "../src/map/circle";
import type { Camera } from "../src/api/types";

const { units } = LANGUAGES.en;

describe("figures", () => {
  it("are as exact as their size deserves", () => {
    expect(distance(8.44, units)).toBe("8.4 m");
    expect(distance(412.6, units)).toBe("413 m");
    expect(distance(1240, units)).toBe("1.24 km");
    expect(duration(3.21, units)).toBe("3.2 s");
    expect(duration(59.6, units)).toBe("1 min 00 s");
    expect(duration(7629, units)).toBe("2 h 07 min");
    expect(speed(1.4, units)).toBe("5.0 km/h");
  });

  it("that are not known are a dash", () => {
    expect(distance(null, units)).toBe("–");
    expect(speed(null, units)).toBe("–");
  });

  it("use the reader's own units", () => {
    expect(duration(125, LANGUAGES.ko.units)).toBe("2분 05초");
  });
});

describe("times", () => {
  it("are told in UTC to the millisecond", () => {
    expect(utcText("2026-03-14T06:20:01.123Z")).toBe("2026-03-14 06:20:01.123 UTC");
  });

  it("survive a field that shows local time", () => {
    const iso = "2026-03-14T06:20:01.000Z";
    expect(fromLocalField(toLocalField(iso))).toBe(iso);
    expect(fromLocalField("")).toBeNull();
    expect(toLocalField(null)).toBe("");
  });

  it("of a preset are fixed when it is chosen", () => {
    const now = Date.parse("2026-03-14T06:00:00.000Z");
    expect(windowOf("hour", now, ANY_TIME).from).toBe("2026-03-14T05:00:00.000Z");
    expect(windowOf("all", now, ANY_TIME)).toEqual(ANY_TIME);
  });

  it("become editable with the bounds they had", () => {
    const hour = windowOf("hour", 0, ANY_TIME);
    expect(windowOf("custom", 9e9, hour).from).toBe(hour.from);
  });

  it("in the wrong order are told", () => {
    const [early, late] = ["2026-03-14T05:00:00.000Z", "2026-03-14T06:00:00.000Z"];
    expect(isReversed({ preset: "custom", from: late, to: early })).toBe(true);
    expect(isReversed({ preset: "custom", from: early, to: null })).toBe(false);
  });
});

describe("circles", () => {
  it("pass through points at their radius", () => {
    const center = { lon: 126.9563, lat: 37.5484 };
    for (const [lon, lat] of circle({ center, metres: 250 }).coordinates[0] ?? []) {
      expect(metresBetween(center, { lon: lon ?? 0, lat: lat ?? 0 })).toBeCloseTo(250, 3);
    }
  });

  it("run on over the date line", () => {
    const ring = circle({ center: { lon: 179.999, lat: 0 }, metres: 1000 }).coordinates[0] ?? [];
    expect(Math.max(...ring.map(([lon]) => lon ?? 0))).toBeGreaterThan(180);
  });
});

describe("cameras", () => {
  const camera = (id: string, name: string, isPlaced: boolean): Camera => ({
    id,
    name,
    box: null,
    position: isPlaced ? { lon: 0, lat: 0 } : null,
    azimuth_deg: null,
    address: null,
  });

  it("are found by name or id, those without a place last", () => {
    const all = [camera("x-1", "Gate", false), camera("x-2", "Street", true)];
    expect(filterCameras(all, "").map(({ id }) => id)).toEqual(["x-2", "x-1"]);
    expect(filterCameras(all, "GATE").map(({ id }) => id)).toEqual(["x-1"]);
    expect(filterCameras(all, "x-2").map(({ id }) => id)).toEqual(["x-2"]);
  });
});

describe("language", () => {
  it("is the first of the reader's that the page speaks", () => {
    expect(pickLanguage(["fr-FR", "ko-KR", "en"])).toBe("ko");
    expect(pickLanguage(["", "fr"])).toBe("en");
  });
});
