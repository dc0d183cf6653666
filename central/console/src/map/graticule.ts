/** Lines of equal longitude and latitude, as close as the zoom allows. */
import type { Feature, FeatureCollection, LineString } from "geojson";

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Pixels between labelled lines, at least. */
const MIN_SPACING_PX = 110;
/** Between two labelled lines lie four faint ones. */
const DIVISIONS = 5;
const MAX_LATITUDE = 85;
const MAX_STEP = 45;
const MIN_STEP = 1e-7;

/** The smallest 1, 2 or 5 times a power of ten, in degrees, that is at least `MIN_SPACING_PX` wide. */
export function stepFor(degreesPerPixel: number): number {
  const least = Math.min(Math.max(degreesPerPixel * MIN_SPACING_PX, MIN_STEP), MAX_STEP);
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return Math.min(Number((factor * power).toPrecision(1)), MAX_STEP);
}

/** The multiples of `step` from `low` to `high`, both included. */
export function multiples(low: number, high: number, step: number): number[] {
  const values: number[] = [];
  // Counted, not added up: a sum of tenths drifts.
  for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i += 1) {
    values.push(roundTo(i * step, step));
  }
  return values;
}

/** Decimals that tell two neighbouring lines apart. */
export function decimalsFor(step: number): number {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}

export function lonLabel(lon: number, step: number): string {
  const wrapped = ((((lon + 180) % 360) + 360) % 360) - 180;
  return degrees(wrapped, step, "E", "W");
}

export function latLabel(lat: number, step: number): string {
  return degrees(lat, step, "N", "S");
}

/** The lines inside `bounds`; `major` is true for those that carry a label. */
export function graticule(bounds: Bounds, step: number): FeatureCollection<LineString> {
  const south = Math.max(bounds.south, -MAX_LATITUDE);
  const north = Math.min(bounds.north, MAX_LATITUDE);
  const fine = step / DIVISIONS;
  const meridians = multiples(bounds.west, bounds.east, fine).map((lon) =>
    line([lon, south], [lon, north], isMajor(lon, step)),
  );
  const parallels = multiples(south, north, fine).map((lat) =>
    line([bounds.west, lat], [bounds.east, lat], isMajor(lat, step)),
  );
  return { type: "FeatureCollection", features: [...meridians, ...parallels] };
}

/** `bounds` grown by its own size on every side, so that panning finds lines already there. */
export function grown(bounds: Bounds): Bounds {
  const width = bounds.east - bounds.west;
  const height = bounds.north - bounds.south;
  return {
    west: bounds.west - width,
    south: bounds.south - height,
    east: bounds.east + width,
    north: bounds.north + height,
  };
}

export function contains(outer: Bounds, inner: Bounds): boolean {
  return (
    outer.west <= inner.west &&
    outer.south <= inner.south &&
    outer.east >= inner.east &&
    outer.north >= inner.north
  );
}

function line(from: number[], to: number[], major: boolean): Feature<LineString> {
  return {
    type: "Feature",
    properties: { major },
    geometry: { type: "LineString", coordinates: [from, to] },
  };
}

function isMajor(value: number, step: number): boolean {
  return Math.abs(value / step - Math.round(value / step)) < 1e-6;
}

function roundTo(value: number, step: number): number {
  return Number(value.toFixed(decimalsFor(step) + 1));
}

function degrees(value: number, step: number, positive: string, negative: string): string {
  const text = Math.abs(value).toFixed(decimalsFor(step));
  if (Number(text) === 0) return `${text}°`;
  return `${text}° ${value > 0 ? positive : negative}`;
}
