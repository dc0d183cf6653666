import type { Scope } from "../src/api/types";

/** Nothing narrowed down. */
export const ANYWHERE: Scope = {
  cameras: null,
  from: null,
  to: null,
  objectClass: null,
  attributes: {},
  leastConfidence: 0,
};
