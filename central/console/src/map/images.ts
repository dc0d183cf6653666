/** The two small pictures the map needs, drawn here so that no sprite is fetched. */

/** Twice the size on screen, for displays with dense pixels. */
export const IMAGE_RATIO = 2;

/** A chevron pointing right, along the line it stands on. */
export function arrowImage(colour: string, edge: string): ImageData {
  return drawn(36, (pen) => {
    pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(8, 6);
    pen.lineTo(31, 18);
    pen.lineTo(8, 30);
    pen.lineTo(14, 18);
    pen.closePath();
    pen.strokeStyle = edge;
    pen.lineWidth = 5;
    pen.stroke();
    pen.fillStyle = colour;
    pen.fill();
  });
}

/** A wedge opening upwards (north): where a camera looks. */
export function viewImage(colour: string): ImageData {
  return drawn(96, (pen) => {
    const fade = pen.createRadialGradient(48, 48, 0, 48, 48, 48);
    fade.addColorStop(0, colour);
    fade.addColorStop(1, "transparent");
    pen.fillStyle = fade;
    pen.globalAlpha = 0.5;
    pen.beginPath();
    pen.moveTo(48, 48);
    pen.arc(48, 48, 48, (-125 * Math.PI) / 180, (-55 * Math.PI) / 180);
    pen.closePath();
    pen.fill();
  });
}

function drawn(side: number, draw: (pen: OffscreenCanvasRenderingContext2D) => void): ImageData {
  const pen = new OffscreenCanvas(side, side).getContext("2d");
  if (pen === null) return new ImageData(side, side);
  draw(pen);
  return pen.getImageData(0, 0, side, side);
}
