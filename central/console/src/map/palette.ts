/** The map's colours, read from the page's style sheet so that both follow one theme. */

export interface Palette {
  ground: string;
  grid: string;
  gridMajor: string;
  camera: string;
  cameraEdge: string;
  chosen: string;
  route: string;
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
  };
}
