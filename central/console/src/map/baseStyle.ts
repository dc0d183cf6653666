/** The map below everything else. The one place to put tiles into when there are some. */
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import { overlayLayers } from "./layers";
import type { Palette } from "./palette";

/** The sources whose data this page sets itself. */
export const SOURCES = [
  "graticule",
  "views",
  "areas",
  "radius",
  "links",
  "suggested",
  "ways",
  "gaps",
  "legs",
  "cameras",
] as const;
export type SourceName = (typeof SOURCES)[number];

export const NO_FEATURES: FeatureCollection = { type: "FeatureCollection", features: [] };

/** A plain ground with a graticule: no tiles, no glyphs, no sprite, so no request at all. */
export function baseStyle(palette: Palette): StyleSpecification {
  return {
    version: 8,
    sources: Object.fromEntries(SOURCES.map((name) => [name, emptySource()])),
    layers: [
      { id: "ground", type: "background", paint: { "background-color": palette.ground } },
      ...graticuleLayers(palette),
      ...overlayLayers(palette),
    ],
  };
}

function emptySource(): SourceSpecification {
  return { type: "geojson", data: NO_FEATURES };
}

function graticuleLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "graticule-fine",
      type: "line",
      source: "graticule",
      filter: ["!", ["get", "major"]],
      paint: { "line-color": palette.grid, "line-width": 1 },
    },
    {
      id: "graticule",
      type: "line",
      source: "graticule",
      filter: ["get", "major"],
      paint: { "line-color": palette.gridMajor, "line-width": 1 },
    },
  ];
}
