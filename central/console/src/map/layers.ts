/** How cameras and the radius are drawn, and what lies above what. */
import type { LayerSpecification } from "maplibre-gl";
import { areaLayers, linkLayers, viewLayers } from "./groundLayers";
import type { Palette } from "./palette";
import { routeLayers } from "./routeLayers";

export const CAMERA_LAYER = "cameras";
export const VIEW_IMAGE = "view";

/** Bottom to top. */
export function overlayLayers(palette: Palette): LayerSpecification[] {
  return [
    ...viewLayers(palette),
    ...areaLayers(palette),
    ...radiusLayers(palette),
    ...linkLayers(palette),
    ...cameraLayers(palette),
    ...routeLayers(palette),
  ];
}

function radiusLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "radius-fill",
      type: "fill",
      source: "radius",
      paint: { "fill-color": palette.chosen, "fill-opacity": 0.1 },
    },
    {
      id: "radius-edge",
      type: "line",
      source: "radius",
      paint: { "line-color": palette.chosen, "line-width": 1.5, "line-dasharray": [3, 2] },
    },
  ];
}

function cameraLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "camera-views",
      type: "symbol",
      source: "cameras",
      minzoom: 16,
      filter: ["!=", ["get", "azimuth"], null],
      layout: {
        "icon-image": VIEW_IMAGE,
        "icon-rotate": ["get", "azimuth"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
      },
    },
    {
      id: CAMERA_LAYER,
      type: "circle",
      source: "cameras",
      layout: { "circle-sort-key": ["case", ["get", "chosen"], 1, 0] },
      paint: {
        "circle-color": ["case", ["get", "chosen"], palette.chosen, palette.camera],
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 2, 14, 4, 18, 6.5],
        "circle-stroke-color": palette.cameraEdge,
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 8, 0.5, 16, 1.5],
      },
    },
    {
      id: "camera-pointed-at",
      type: "circle",
      source: "cameras",
      filter: ["==", ["get", "id"], ""],
      paint: {
        "circle-color": "transparent",
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 6, 18, 13],
        "circle-stroke-color": palette.chosen,
        "circle-stroke-width": 2,
      },
    },
  ];
}
