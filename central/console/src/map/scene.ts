/** The map itself: holds what is to be drawn, and draws it again when the theme changes. */
import type { FeatureCollection } from "geojson";
import { type GeoJSONSource, Map as MapLibreMap, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Position } from "../api/types";
import { baseStyle, NO_FEATURES, SOURCES, type SourceName } from "./baseStyle";
import { contains, type Bounds, graticule, grown, stepFor } from "./graticule";
import { arrowImage, IMAGE_RATIO, viewImage } from "./images";
import { CAMERA_LAYER, VIEW_IMAGE } from "./layers";
import { readPalette } from "./palette";
import { ARROW_IMAGE } from "./routeLayers";

/** Three cameras on one street corner fill the map without losing what is around them. */
const MAX_FIT_ZOOM = 20;
const FIT_PADDING_PX = 90;
const FIT_MS = 500;
/** How far from a camera's dot a click still means it. */
const REACH_PX = 7;

setWorkerUrl(workerUrl);

export class Scene {
  readonly map: MapLibreMap;
  private readonly data = new Map<SourceName, FeatureCollection>();
  private readonly light = matchMedia("(prefers-color-scheme: light)");
  private readonly container: HTMLElement;
  private lines: { within: Bounds; step: number } | null = null;
  private ready = false;

  /** @throws Error when the browser has no WebGL. */
  constructor(container: HTMLElement) {
    this.container = container;
    this.map = new MapLibreMap({
      container,
      style: baseStyle(readPalette(container)),
      center: [127.5, 36.5],
      zoom: 6,
      maxZoom: 22,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-right");
    this.map.on("style.load", () => this.redraw());
    // For whoever takes a picture of the page or clicks on it: true once nothing is left to draw.
    // New data and a move are drawn later, and what is not drawn cannot be clicked.
    for (const change of ["dataloading", "move", "render"] as const) {
      this.map.on(change, () => (container.dataset.idle = "false"));
    }
    this.map.on("idle", () => (container.dataset.idle = "true"));
    this.map.on("move", () => this.drawGraticule());
    this.map.on("resize", () => this.drawGraticule());
    this.light.addEventListener("change", this.restyle);
  }

  remove(): void {
    this.light.removeEventListener("change", this.restyle);
    this.map.remove();
  }

  set(source: SourceName, features: FeatureCollection): void {
    this.data.set(source, features);
    if (this.ready) this.push(source);
  }

  /** Rings the camera `id`; null rings none. */
  pointAt(id: string | null): void {
    if (this.ready) this.map.setFilter("camera-pointed-at", ["==", ["get", "id"], id ?? ""]);
  }

  fit(bounds: Bounds, animate: boolean): void {
    this.map.fitBounds([bounds.west, bounds.south, bounds.east, bounds.north], {
      padding: FIT_PADDING_PX,
      maxZoom: MAX_FIT_ZOOM,
      duration: animate ? FIT_MS : 0,
    });
  }

  cameraAt(point: { x: number; y: number }): string | null {
    if (!this.ready) return null;
    const { x, y } = point;
    const [found] = this.map.queryRenderedFeatures(
      [
        [x - REACH_PX, y - REACH_PX],
        [x + REACH_PX, y + REACH_PX],
      ],
      { layers: [CAMERA_LAYER] },
    );
    const id: unknown = found?.properties.id;
    return typeof id === "string" ? id : null;
  }

  bounds(): Bounds {
    const seen = this.map.getBounds();
    return {
      west: seen.getWest(),
      south: seen.getSouth(),
      east: seen.getEast(),
      north: seen.getNorth(),
    };
  }

  center(): Position {
    const { lng, lat } = this.map.getCenter().wrap();
    return { lon: lng, lat };
  }

  /** Degrees between two labelled lines at the present zoom. */
  step(): number {
    const { west, east } = this.bounds();
    return stepFor((east - west) / Math.max(1, this.container.clientWidth));
  }

  private readonly restyle = (): void => {
    this.ready = false;
    this.map.setStyle(baseStyle(readPalette(this.container)), { diff: false });
  };

  private redraw(): void {
    const palette = readPalette(this.container);
    const images = {
      [ARROW_IMAGE]: arrowImage(palette.route, palette.ground),
      [VIEW_IMAGE]: viewImage(palette.camera),
    };
    for (const [name, image] of Object.entries(images)) {
      if (!this.map.hasImage(name)) this.map.addImage(name, image, { pixelRatio: IMAGE_RATIO });
    }
    this.ready = true;
    this.lines = null;
    this.drawGraticule();
    for (const source of SOURCES) this.push(source);
  }

  private push(name: SourceName): void {
    void this.map.getSource<GeoJSONSource>(name)?.setData(this.data.get(name) ?? NO_FEATURES);
  }

  private drawGraticule(): void {
    const step = this.step();
    const seen = this.bounds();
    if (this.lines?.step === step && contains(this.lines.within, seen)) return;
    const within = grown(seen);
    this.lines = { within, step };
    this.set("graticule", graticule(within, step));
  }
}
