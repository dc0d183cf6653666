/** The map's colours, read from the page's style sheet so that both follow one theme. */
import type { LegType, Means } from "../api/routes";

export interface Palette {
  ground: string;
  grid: string;
  gridMajor: string;
  camera: string;
  cameraEdge: string;
  chosen: string;
  route: string;
  legs: Readonly<Record<LegType, string>>;
  areas: Readonly<Record<Means, string>>;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: colour("map-ground"),
    grid: colour("map-grid"),
    gridMajor: colour("map-grid-major"),
    camera: colour("map-camera"),
    cameraEdge: colour("map-camera-edge"),
    chosen: colour("accent"),
    route: colour("route"),
    legs: {
      OBSERVED: colour("leg-observed"),
      UNOBSERVED: colour("leg-unobserved"),
      COVERAGE_GAP: colour("leg-gap"),
      CONTRADICTION: colour("leg-contradiction"),
    },
    areas: {
      walk: colour("leg-observed"),
      bus: colour("leg-unobserved"),
      car: colour("leg-gap"),
    },
  };
}
