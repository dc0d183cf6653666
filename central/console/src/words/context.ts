import { createContext, useContext } from "react";
import type { AttributeSet } from "../api/types";

/** The centre's label sets; empty until they are loaded. */
export const AttributeSets = createContext<readonly AttributeSet[]>([]);

export function useAttributeSets(): readonly AttributeSet[] {
  return useContext(AttributeSets);
}
