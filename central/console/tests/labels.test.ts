import { describe, expect, it } from "vitest";
import { placeLabels, type Wanted } from "../src/map/labels";

const VIEW = { width: 400, height: 300 };

function name(id: string, x: number, y: number): Wanted {
  return { id, x, y, width: 60, height: 20, gap: 10 };
}

describe("names on the map", () => {
  it("stand below their point when there is room", () => {
    expect(placeLabels([name("a", 200, 100)], [], VIEW)).toEqual([
      { id: "a", left: 170, top: 110 },
    ]);
  });

  it("move aside for a numbered stop", () => {
    const stop = { left: 180, top: 105, right: 220, bottom: 135 };
    const [placed] = placeLabels([name("a", 200, 100)], [stop], VIEW);
    expect(placed).toEqual({ id: "a", left: 170, top: 70 });
  });

  it("never overlap, and are left out where nothing fits", () => {
    const crowd = Array.from({ length: 12 }, (_, i) => name(String(i), 200 + i, 100));
    const placed = placeLabels(crowd, [], VIEW);
    expect(placed.length).toBeLessThan(crowd.length);
    for (const a of placed) {
      for (const b of placed) {
        if (a === b) continue;
        const isApart = Math.abs(a.left - b.left) >= 60 || Math.abs(a.top - b.top) >= 20;
        expect(isApart).toBe(true);
      }
    }
  });

  it("stay inside the view", () => {
    const [placed] = placeLabels([name("a", 200, 295)], [], VIEW);
    expect(placed?.top).toBe(265);
  });
});
