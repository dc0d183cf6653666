import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { reportUrl, routeFileUrl } from "../src/api/centre";
import { stated, statedBy, typePurpose, typedPurpose } from "../src/purpose/purpose";

describe("why somebody searches", () => {
  beforeEach(() => {
    const kept = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("is no field of a request where nothing was said", () => {
    expect(stated()).toEqual({});
    expect(statedBy(" \t ")).toEqual({});
  });

  it("is one line, as the centre takes it", () => {
    expect(statedBy("  report\t2026-0131\r\n")).toEqual({ purpose: "report 2026-0131" });
  });

  it("stays in the field as it was typed", () => {
    typePurpose("report ");
    expect(typedPurpose()).toBe("report ");
    expect(stated()).toEqual({ purpose: "report" });
    typePurpose("");
    expect(stated()).toEqual({});
  });

  it("goes with the addresses of files and report", () => {
    const why = { purpose: "실종 1&2" };
    const text = "purpose=%EC%8B%A4%EC%A2%85+1%262";
    expect(routeFileUrl("r", "gpx", why)).toBe(`/api/v1/routes/r.gpx?${text}`);
    expect(routeFileUrl("r", "gpx", {})).toBe("/api/v1/routes/r.gpx");
    expect(reportUrl("r", "ko", why)).toBe(`/api/v1/routes/r/report?lang=ko&${text}`);
  });
});
