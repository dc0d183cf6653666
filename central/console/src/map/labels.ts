/** Where names go beside their points, so that none covers another or a numbered stop. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Wanted {
  id: string;
  /** The point named, in pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Pixels to keep free around the point. */
  gap: number;
}

export interface Placed {
  id: string;
  left: number;
  top: number;
}

/** The labels that fit, first come first served; each below its point, else above, right, left. */
export function placeLabels(
  wanted: readonly Wanted[],
  obstacles: readonly Box[],
  view: { width: number; height: number },
): Placed[] {
  const taken = [...obstacles];
  const placed: Placed[] = [];
  for (const label of wanted) {
    const box = sides(label).find(
      (side) => inside(side, view) && !taken.some((other) => overlap(side, other)),
    );
    if (box === undefined) continue;
    taken.push(box);
    placed.push({ id: label.id, left: box.left, top: box.top });
  }
  return placed;
}

function sides({ x, y, width, height, gap }: Wanted): Box[] {
  const corners: [number, number][] = [
    [x - width / 2, y + gap],
    [x - width / 2, y - gap - height],
    [x + gap, y - height / 2],
    [x - gap - width, y - height / 2],
  ];
  return corners.map(([left, top]) => ({ left, top, right: left + width, bottom: top + height }));
}

function inside(box: Box, view: { width: number; height: number }): boolean {
  return box.left >= 0 && box.top >= 0 && box.right <= view.width && box.bottom <= view.height;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
