/** What lies below the cameras: what they see, where one can be, how long one takes. */
import type {
  ExpressionSpecification,
  LayerSpecification,
  LineLayerSpecification,
} from "maplibre-gl";
import { MEANS, type Means } from "../api/routes";
import type { Palette } from "./palette";

/** Edges of areas tell the means apart without colours too. */
const EDGES: Readonly<Partial<Record<Means, number[]>>> = { bus: [4, 2], car: [1, 2] };

export function viewLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "view-fill",
      type: "fill",
      source: "views",
      paint: { "fill-color": palette.camera, "fill-opacity": 0.16 },
    },
    {
      id: "view-edge",
      type: "line",
      source: "views",
      paint: { "line-color": palette.camera, "line-width": 1, "line-opacity": 0.6 },
    },
  ];
}

/** The later, the fainter; what can be reached by now shows through all that comes later. */
export function areaLayers(palette: Palette): LayerSpecification[] {
  const opacity: ExpressionSpecification = ["/", 0.16, ["+", 1, ["get", "order"]]];
  return [
    {
      id: "area-fill",
      type: "fill",
      source: "areas",
      paint: { "fill-color": colourOf(palette), "fill-opacity": opacity },
    },
    ...MEANS.map((means) => areaEdge(means, palette)),
  ];
}

function areaEdge(means: Means, palette: Palette): LineLayerSpecification {
  const pattern = EDGES[means];
  return {
    id: `area-edge-${means}`,
    type: "line",
    source: "areas",
    filter: ["==", ["get", "means"], means],
    paint: {
      "line-color": palette.areas[means],
      "line-width": ["case", ["==", ["get", "order"], 0], 2, 1],
      "line-opacity": ["case", ["==", ["get", "order"], 0], 0.9, 0.6],
      ...(pattern === undefined ? {} : { "line-dasharray": pattern }),
    },
  };
}

function colourOf({ areas }: Palette): ExpressionSpecification {
  return ["match", ["get", "means"], "bus", areas.bus, "car", areas.car, areas.walk];
}

/** Beside the line between two cameras, as there is another link back. */
export function linkLayers(palette: Palette): LayerSpecification[] {
  const paint = { "line-color": palette.camera, "line-offset": 3 };
  return [
    {
      id: "link-few",
      type: "line",
      source: "links",
      filter: ["!", ["get", "trusted"]],
      paint: { ...paint, "line-width": 1, "line-dasharray": [3, 3] },
    },
    {
      id: "link",
      type: "line",
      source: "links",
      filter: ["get", "trusted"],
      paint: { ...paint, "line-width": 2 },
    },
  ];
}
