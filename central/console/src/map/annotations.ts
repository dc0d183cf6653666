/** Text over the map as plain elements: coordinates at the edges, camera names, stop numbers. */
import type { Position } from "../api/types";
import { type Bounds, latLabel, lonLabel, multiples } from "./graticule";
import { type Box, placeLabels, type Wanted } from "./labels";
import type { Scene } from "./scene";

/** More names than this at once are noise; zooming in brings them back. */
const MAX_NAMES = 60;
const LABEL_HEIGHT = 20;
const CAPTION_HEIGHT = 16;
const LABEL_PADDING = 12;
const CAMERA_GAP = 10;
const STOP_GAP = 18;
const STOP_HALF = 15;
/** Width of the strip at the left edge that holds latitudes, and height of the one below. */
const EDGE_PX = 18;

export interface NamedPlace {
  id: string;
  name: string;
  position: Position;
}

export interface Mark {
  text: string;
  /** What a screen reader says. */
  label: string;
  camera: string;
  position: Position;
  /** A leg from or to here contradicts itself. */
  isWarned: boolean;
}

/** A few words at a place, left out where something else stands. */
export interface Caption {
  text: string;
  position: Position;
}

/** Keeps the elements in `host`, which lies over the map, where the map's view puts them. */
export class Annotations {
  private readonly scene: Scene;
  private readonly host: HTMLElement;
  private readonly measure: CanvasRenderingContext2D | null;
  private readonly widths = new Map<string, number>();
  private places: readonly NamedPlace[] = [];
  private marks: readonly Mark[] = [];
  private captions: readonly Caption[] = [];
  private pointedAt: string | null = null;

  constructor(scene: Scene, host: HTMLElement) {
    this.scene = scene;
    this.host = host;
    this.measure = document.createElement("canvas").getContext("2d");
    if (this.measure) this.measure.font = `600 12px ${getComputedStyle(host).fontFamily}`;
    scene.map.on("move", this.update);
    scene.map.on("resize", this.update);
    this.update();
  }

  show(places: readonly NamedPlace[], marks: readonly Mark[]): void {
    this.places = places;
    this.marks = marks;
    this.update();
  }

  caption(captions: readonly Caption[]): void {
    this.captions = captions;
    this.update();
  }

  pointAt(camera: string | null): void {
    this.pointedAt = camera;
    this.update();
  }

  private readonly update = (): void => {
    this.host.replaceChildren(
      ...this.coordinates(),
      ...this.written(),
      ...this.names(),
      ...this.stops(),
    );
  };

  private coordinates(): HTMLElement[] {
    const { west, south, east, north } = this.scene.bounds();
    const step = this.scene.step();
    const { clientWidth: width, clientHeight: height } = this.host;
    const meridians = multiples(west, east, step).map((lon) => {
      const { x } = this.at({ lon, lat: south });
      return { x, y: height - EDGE_PX, text: lonLabel(lon, step), edge: "lon" };
    });
    const parallels = multiples(south, north, step).map((lat) => {
      const { y } = this.at({ lon: west, lat });
      return { x: 0, y, text: latLabel(lat, step), edge: "lat" };
    });
    return [...meridians, ...parallels]
      .filter(({ x, y }) => y > EDGE_PX && y <= height - EDGE_PX && x < width - 40)
      .map(({ x, y, text, edge }) => element(`coordinate ${edge}`, text, x, y));
  }

  private written(): HTMLElement[] {
    const { clientWidth: width, clientHeight: height } = this.host;
    const view = this.scene.bounds();
    const seen = this.captions.filter(({ position }) => holds(view, position));
    const wanted = seen.map(({ text, position }, i): Wanted => {
      const { x, y } = this.at(position);
      const size = { width: this.widthOf(text), height: CAPTION_HEIGHT };
      // In the middle of its place: nothing is marked there.
      return { id: String(i), x, y, ...size, gap: -CAPTION_HEIGHT / 2 };
    });
    return placeLabels(wanted.slice(0, MAX_NAMES), this.obstacles(), { width, height }).map(
      ({ id, left, top }) => element("caption", seen[Number(id)]?.text ?? "", left, top),
    );
  }

  private names(): HTMLElement[] {
    const { clientWidth: width, clientHeight: height } = this.host;
    const marked = new Set(this.marks.map((mark) => mark.camera));
    const isWanted = (id: string) => id === this.pointedAt || marked.has(id);
    // Every camera of a city is looked at in every frame: compare first, project what is left.
    const view = this.scene.bounds();
    const seen = this.places.filter(({ position }) => holds(view, position));
    const kept = seen.length > MAX_NAMES ? seen.filter(({ id }) => isWanted(id)) : seen;
    kept.sort((a, b) => Number(isWanted(b.id)) - Number(isWanted(a.id)));
    const wanted = kept.map(({ id, name, position }): Wanted => ({
      id,
      ...this.at(position),
      width: this.widthOf(name),
      height: LABEL_HEIGHT,
      gap: marked.has(id) ? STOP_GAP : CAMERA_GAP,
    }));
    const names = new Map(kept.map(({ id, name }) => [id, name]));
    return placeLabels(wanted, this.obstacles(), { width, height: height - EDGE_PX }).map(
      ({ id, left, top }) => element("camera-name", names.get(id) ?? id, left, top),
    );
  }

  private stops(): HTMLElement[] {
    return this.marks.map((mark) => {
      const { x, y } = this.at(mark.position);
      const kind = mark.isWarned ? "stop-mark warned" : "stop-mark";
      const marker = element(kind, mark.text, x, y);
      marker.setAttribute("role", "img");
      marker.setAttribute("aria-label", mark.label);
      return marker;
    });
  }

  private obstacles(): Box[] {
    return this.marks.map((mark) => {
      const { x, y } = this.at(mark.position);
      const half = Math.max(STOP_HALF, this.widthOf(mark.text) / 2);
      return { left: x - half, right: x + half, top: y - STOP_HALF, bottom: y + STOP_HALF };
    });
  }

  private at({ lon, lat }: Position): { x: number; y: number } {
    const { x, y } = this.scene.map.project([lon, lat]);
    return { x, y };
  }

  private widthOf(text: string): number {
    let width = this.widths.get(text);
    if (width === undefined) {
      width = (this.measure?.measureText(text).width ?? text.length * 8) + LABEL_PADDING;
      this.widths.set(text, width);
    }
    return width;
  }
}

function holds({ west, south, east, north }: Bounds, { lon, lat }: Position): boolean {
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

function element(className: string, text: string, x: number, y: number): HTMLElement {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  made.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  return made;
}
