/** What the central API says. Times are ISO 8601 UTC, positions WGS 84, lengths metres. */
import type { Polygon } from "geojson";

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
  /** What ground it sees, as whoever installed it said; null: not known. */
  view?: CameraView | null;
  sightings?: number | null;
}

/** Of several descriptions the first there is counts: polygon, ground points, field of view. */
export interface CameraView {
  polygon: Polygon | null;
  ground_points: readonly unknown[] | null;
  fov_deg: number | null;
  near_m: number | null;
  far_m: number | null;
}

export interface Sighting {
  id: string;
  camera: string;
  channel: string;
  object_class: ObjectClass;
  first_seen: string;
  last_seen: string;
  shot: string;
  /** What to add to the times above to have the centre's; null: never measured. */
  clock_offset_ms: number | null;
  quality: number;
  detections: number;
  crop_url: string;
  /** Null: the picture is still at its box, or `crop_gone`: the box had to give it up. */
  crop_revision: number | null;
  crop_gone: boolean;
  attributes: Said;
  plate: string | null;
  /** The embedding space: vectors of different ones cannot be compared. */
  space: string;
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

/** Hours of the day that repeat, past midnight where `to` is the earlier. `days` null: every day. */
export interface Hours {
  from: string;
  to: string;
  days: readonly Weekday[] | null;
  zone: string | null;
}

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** Which cameras: those in each of the things that are named, together. */
export interface CameraChoice {
  ids?: readonly string[] | null;
  groups?: readonly string[] | null;
  radius?: Radius | null;
}

/** What a sentence asks for; null, or no attributes: it says nothing about that. */
export interface Asked {
  cameras: CameraChoice | null;
  from: string | null;
  to: string | null;
  hours: Hours | null;
  object_class: ObjectClass | null;
  attributes: Readonly<Record<string, readonly string[]>>;
  plate: string | null;
}

/** `wider`: the filter fits more than the piece names, as `vehicle_type=car` for an SUV. */
export interface Understood {
  text: string;
  means: string;
  wider: boolean;
}

export interface ParsedQuestion {
  request: Asked;
  /** Pieces of the sentence, and the filter each became, as `upper_colour=red`. */
  understood: readonly Understood[];
  not_understood: readonly string[];
}

/** Ids of sightings of which the operator said that they are the one looked for, or are not. */
export interface Judged {
  confirmed: readonly string[];
  rejected: readonly string[];
}

export interface SearchRequest extends Asked, Judged {
  by?: { sighting_id: string };
  least_confidence: number;
  limit: number;
}

export type Band = "likely" | "possible" | "unlikely";

export interface Candidate {
  rank: number;
  /** How sure the match is; null: this model's likeness is not calibrated. */
  band: Band | null;
  /** How they can have come here from the stop that speaks most against it. */
  reach: Reach | null;
  sighting: Sighting;
}

/** From so many minutes to so many, as usual. */
export interface Minutes {
  least: number;
  most: number;
}

/** `distance_m` and both times are null where a camera has no place. */
export interface Reach {
  possible: boolean;
  camera: string;
  distance_m: number | null;
  available_s: number;
  /** The least it takes by the streets; null: the straight line decides. */
  streets_s: number | null;
  on_foot: Minutes | null;
  by_car: Minutes | null;
}

export interface SearchResult {
  candidates: Candidate[];
  /** Why it took longer than usual. */
  note: string | null;
}

/** An error as RFC 9457 (problem+json) describes it. */
export interface Problem {
  title: string;
  detail?: string;
}
