/** What the central API says. Times are ISO 8601 UTC, positions WGS 84, lengths metres. */
import type { LineString, MultiLineString } from "geojson";

export type ObjectClass = "person" | "vehicle" | "two_wheeler";

export interface Position {
  lon: number;
  lat: number;
}

export interface Camera {
  id: string;
  name: string;
  box: string | null;
  /** Null: known, but nobody has said where it stands. */
  position: Position | null;
  azimuth_deg: number | null;
  address: string | null;
  sightings?: number | null;
}

export interface Sighting {
  id: string;
  camera: string;
  channel: string;
  object_class: ObjectClass;
  first_seen: string;
  last_seen: string;
  shot: string;
  quality: number;
  detections: number;
  crop_url: string;
  /** Null: the picture is still at its box, or `crop_gone`: the box had to give it up. */
  crop_revision: number | null;
  crop_gone: boolean;
  attributes: Said;
  plate: string | null;
}

/** Attributes as the box read them; `confidence` is how likely one is right, 0 to 1. */
export type Said = Readonly<Record<string, { value: string; confidence: number }>>;

/** The same in each of the page's languages. */
export interface Names {
  ko: string;
  en: string;
}

/** One attribute and every value it may have. */
export interface AttributeSet {
  name: string;
  object_class: ObjectClass;
  names: Names;
  values: readonly { value: string; names: Names }[];
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Radius {
  center: Position;
  metres: number;
}

/** Which sightings are meant. `cameras` null: all of them; `from`/`to` null: no bound. */
export interface Scope {
  cameras: readonly string[] | null;
  from: string | null;
  to: string | null;
  objectClass: ObjectClass | null;
  /** Attribute to the values it may have, each at least `leastConfidence` sure. */
  attributes: Readonly<Record<string, readonly string[]>>;
  leastConfidence: number;
}

export type Band = "likely" | "possible" | "unlikely";

export interface Candidate {
  rank: number;
  /** How sure the match is; null: this model's likeness is not calibrated. */
  band: Band | null;
  /** How they can have come here from the stop that speaks most against it. */
  reach: { possible: boolean; text: string } | null;
  sighting: Sighting;
}

export interface SearchResult {
  candidates: Candidate[];
}

export interface RouteStop {
  number: number;
  sighting_id: string;
  camera: string;
  position: Position | null;
  arrived: string;
  shot: string;
  left: string;
  dwell_s: number;
}

/**
 * From one stop to the next. Null where a camera has no place, or where no time passed because
 * the next stop began `overlap_s` before this one ended.
 */
export interface RouteLeg {
  from: number;
  to: number;
  distance_m: number | null;
  duration_s: number;
  overlap_s: number;
  speed_m_s: number | null;
  geometry: LineString | MultiLineString | null;
}

export interface Route {
  id: string;
  name: string | null;
  created_at: string;
  stops: RouteStop[];
  legs: RouteLeg[];
  distance_m: number;
  duration_s: number;
}

/** An error as RFC 9457 (problem+json) describes it. */
export interface Problem {
  title: string;
  detail?: string;
}
