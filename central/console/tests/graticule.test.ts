import { describe, expect, it } from "vitest";
import {
  decimalsFor,
  graticule,
  latLabel,
  lonLabel,
  multiples,
  stepFor,
} from "../src/map/graticule";

describe("the graticule", () => {
  it("steps by 1, 2 or 5 times a power of ten, never closer than labels need", () => {
    for (let zoom = 0; zoom <= 22; zoom += 0.37) {
      const degreesPerPixel = 360 / (512 * 2 ** zoom);
      const step = stepFor(degreesPerPixel);
      const leading = Number(step.toExponential().split("e")[0]);
      expect([1, 2, 4.5, 5]).toContain(leading);
      if (step < 45) expect(step / degreesPerPixel).toBeGreaterThanOrEqual(110 * 0.999);
      expect(step / degreesPerPixel).toBeLessThan(110 * 2.6);
    }
  });

  it("counts multiples without drifting", () => {
    expect(multiples(0, 0.5, 0.1)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(multiples(126.95605, 126.95625, 0.0001)).toEqual([126.9561, 126.9562]);
  });

  it("labels with as many decimals as tell lines apart", () => {
    expect(decimalsFor(5)).toBe(0);
    expect(decimalsFor(0.0002)).toBe(4);
    expect(latLabel(37.5484, 0.0001)).toBe("37.5484° N");
    expect(lonLabel(-0.5, 0.1)).toBe("0.5° W");
    expect(latLabel(0, 0.1)).toBe("0.0°");
  });

  it("names longitudes past the date line by their own side", () => {
    expect(lonLabel(181, 1)).toBe("179° W");
    expect(lonLabel(-181, 1)).toBe("179° E");
  });

  it("marks every fifth line as one that carries a label", () => {
    const { features } = graticule({ west: 0, south: 0, east: 1, north: 1 }, 1);
    const major = features.filter((line) => line.properties?.major === true);
    expect(features).toHaveLength(12);
    expect(major).toHaveLength(4);
  });
});
