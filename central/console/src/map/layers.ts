/** How cameras, the radius and the route are drawn. */
import type { LayerSpecification } from "maplibre-gl";
import type { Palette } from "./palette";

export const CAMERA_LAYER = "cameras";
export const ARROW_IMAGE = "arrow";
export const VIEW_IMAGE = "view";

/** Bottom to top. */
export function overlayLayers(palette: Palette): LayerSpecification[] {
  return [...radiusLayers(palette), ...cameraLayers(palette), ...legLayers(palette)];
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

function legLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "leg-edge",
      type: "line",
      source: "legs",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": palette.ground, "line-width": 7, "line-opacity": 0.8 },
    },
    {
      id: "leg",
      type: "line",
      source: "legs",
      filter: ["get", "drawn"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": palette.route, "line-width": 3 },
    },
    {
      id: "leg-preview",
      type: "line",
      source: "legs",
      filter: ["!", ["get", "drawn"]],
      paint: { "line-color": palette.route, "line-width": 2, "line-dasharray": [1.5, 2] },
    },
    {
      id: "leg-arrows",
      type: "symbol",
      source: "legs",
      layout: {
        "symbol-placement": "line-center",
        "icon-image": ARROW_IMAGE,
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    },
  ];
}
