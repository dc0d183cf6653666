/** What the pointer does on the map: choose cameras, or press, drag and let go a radius. */
import type { MapMouseEvent } from "maplibre-gl";
import type { Position, Radius } from "../api/types";
import { metresBetween } from "./circle";
import { radiusFeatures } from "./features";
import type { Scene } from "./scene";

export const DEFAULT_METRES = 200;
const MIN_METRES = 1;
/** A press that moves less is a click: it sets the centre and the radius in use. */
const CLICK_PX = 4;

/** Clicks on cameras call `choose`; what is under the pointer calls `point`. Returns its undoing. */
export function choosing(
  scene: Scene,
  choose: (camera: string) => void,
  point: (camera: string | null) => void,
): () => void {
  const click = (event: MapMouseEvent) => {
    const camera = scene.cameraAt(event.point);
    if (camera !== null) choose(camera);
  };
  let last: string | null = null;
  const move = (event: MapMouseEvent) => {
    const camera = scene.cameraAt(event.point);
    if (camera === last) return;
    last = camera;
    scene.map.getCanvas().style.cursor = camera === null ? "" : "pointer";
    point(camera);
  };
  scene.map.on("click", click);
  scene.map.on("mousemove", move);
  return () => {
    scene.map.off("click", click);
    scene.map.off("mousemove", move);
    scene.map.getCanvas().style.cursor = "";
  };
}

/** A press is the centre, the drag the radius, letting go calls `done`. Returns its undoing. */
export function drawing(scene: Scene, metres: number, done: (radius: Radius) => void): () => void {
  const canvas = scene.map.getCanvasContainer();
  let pressed: { at: Position; x: number; y: number } | null = null;

  const place = (event: PointerEvent) => {
    const area = canvas.getBoundingClientRect();
    const { lng, lat } = scene.map.unproject([event.clientX - area.left, event.clientY - area.top]);
    return { lon: lng, lat };
  };
  const radiusTo = (event: PointerEvent, from: NonNullable<typeof pressed>): Radius => {
    const moved = Math.hypot(event.clientX - from.x, event.clientY - from.y);
    const drawn = moved < CLICK_PX ? metres : metresBetween(from.at, place(event));
    return { center: from.at, metres: Math.max(MIN_METRES, Math.round(drawn)) };
  };
  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    pressed = { at: place(event), x: event.clientX, y: event.clientY };
  };
  const move = (event: PointerEvent) => {
    if (pressed !== null) scene.set("radius", radiusFeatures(radiusTo(event, pressed)));
  };
  const release = (event: PointerEvent) => {
    if (pressed === null) return;
    done(radiusTo(event, pressed));
    pressed = null;
  };
  canvas.addEventListener("pointerdown", press);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", release);
  scene.map.dragPan.disable();
  scene.map.getCanvas().style.cursor = "crosshair";
  return () => {
    canvas.removeEventListener("pointerdown", press);
    canvas.removeEventListener("pointermove", move);
    canvas.removeEventListener("pointerup", release);
    scene.map.dragPan.enable();
    scene.map.getCanvas().style.cursor = "";
  };
}
