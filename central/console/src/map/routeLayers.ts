/** How legs are drawn: by their type, told apart by pattern first and by colour second. */
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  LineLayerSpecification,
} from "maplibre-gl";
import { LEG_TYPES, type LegType } from "../api/routes";
import type { Palette } from "./palette";

export const ARROW_IMAGE = "arrow";

/** Lengths in line widths. Dots are dashes of no length with round ends. */
const PATTERNS: Readonly<Partial<Record<LegType, number[]>>> = {
  UNOBSERVED: [2, 1.8],
  COVERAGE_GAP: [0, 2],
};
const WIDTH = 3.5;

/** Bottom to top. */
export function routeLayers(palette: Palette): LayerSpecification[] {
  const drawn: FilterSpecification = ["!=", ["get", "type"], "PREVIEW"];
  return [
    ...suggestedLayers(palette),
    {
      id: "way",
      type: "line",
      source: "ways",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": colourOf(palette),
        "line-width": 2.5,
        "line-opacity": ["case", ["get", "plausible"], 0.55, 0.25],
      },
    },
    {
      id: "leg-selected",
      type: "line",
      source: "legs",
      filter: ["==", ["get", "selected"], true],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": palette.chosen, "line-width": 12 },
    },
    {
      id: "leg-edge",
      type: "line",
      source: "legs",
      filter: drawn,
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": palette.ground,
        "line-width": 8,
        "line-opacity": ["case", ["get", "selected"], 1, 0.8],
      },
    },
    {
      id: "gap",
      type: "line",
      source: "gaps",
      layout: { "line-cap": "butt", "line-join": "round" },
      paint: { "line-color": colourOf(palette), "line-width": 15, "line-opacity": 0.28 },
    },
    ...LEG_TYPES.map((type) => legLayer(type, palette)),
    {
      id: "leg-preview",
      type: "line",
      source: "legs",
      filter: ["==", ["get", "type"], "PREVIEW"],
      paint: { "line-color": palette.route, "line-width": 1.5, "line-opacity": 0.7 },
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

function legLayer(type: LegType, palette: Palette): LineLayerSpecification {
  const pattern = PATTERNS[type];
  const isDotted = type === "COVERAGE_GAP";
  return {
    id: `leg-${type}`,
    type: "line",
    source: "legs",
    filter: ["==", ["get", "type"], type],
    layout: {
      "line-cap": pattern === undefined || isDotted ? "round" : "butt",
      "line-join": "round",
    },
    paint: {
      "line-color": palette.legs[type],
      "line-width": isDotted ? WIDTH + 1 : WIDTH,
      ...(pattern === undefined ? {} : { "line-dasharray": pattern }),
    },
  };
}

/** Straight from camera to camera, and so thinner and fainter than any way. */
function suggestedLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "suggested",
      type: "line",
      source: "suggested",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": palette.route,
        "line-width": ["case", ["get", "chosen"], 2.5, 1.5],
        "line-opacity": ["case", ["get", "chosen"], 0.75, 0.35],
        "line-dasharray": [1, 2.5],
      },
    },
  ];
}

function colourOf(palette: Palette): ExpressionSpecification {
  const { legs } = palette;
  return [
    "match",
    ["get", "type"],
    "OBSERVED",
    legs.OBSERVED,
    "UNOBSERVED",
    legs.UNOBSERVED,
    "COVERAGE_GAP",
    legs.COVERAGE_GAP,
    palette.route,
  ];
}
