import { describe, expect, it } from "vitest";
import { formatUrl, parseUrl } from "../src/app/urlState";

describe("the address", () => {
  it("holds the query and the route, and reads them back", () => {
    const state = { query: "019c-a", route: "019c-b" };
    expect(parseUrl(formatUrl(state, ""))).toEqual(state);
  });

  it("is empty when there is nothing to share", () => {
    expect(formatUrl({ query: null, route: null }, "?query=x&route=y")).toBe("");
  });

  it("keeps parameters that are not this page's", () => {
    expect(formatUrl({ query: "q", route: null }, "?debug=1")).toBe("?debug=1&query=q");
  });

  it("takes an empty parameter as none", () => {
    expect(parseUrl("?query=&route=")).toEqual({ query: null, route: null });
  });
});
