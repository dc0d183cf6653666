import type { Camera } from "../api/types";

/** Cameras whose name, id or address contains `text`; those without a place come last. */
export function filterCameras(cameras: readonly Camera[], text: string): Camera[] {
  const wanted = text.trim().toLowerCase();
  return cameras
    .filter((camera) =>
      [camera.name, camera.id, camera.address ?? ""].some((field) =>
        field.toLowerCase().includes(wanted),
      ),
    )
    .sort(
      (a, b) =>
        Number(a.position === null) - Number(b.position === null) || a.name.localeCompare(b.name),
    );
}
