/** What the central API says of routes. Times are ISO 8601 UTC, lengths metres, times seconds. */
import type { LineString, MultiLineString, MultiPolygon, Polygon } from "geojson";
import type { ObjectClass, Position, SearchRequest, Sighting } from "./types";

export type Way = LineString | MultiLineString;
export type Area = Polygon | MultiPolygon;

export const LEG_TYPES = ["OBSERVED", "UNOBSERVED", "COVERAGE_GAP", "CONTRADICTION"] as const;
export type LegType = (typeof LEG_TYPES)[number];

export interface RouteStop {
  number: number;
  sighting_id: string;
  camera: string;
  position: Position | null;
  arrived: string;
  shot: string;
  left: string;
  dwell_s: number;
  object_class: ObjectClass;
}

/** Why: a word for programs with its figures, and the same as an English sentence. */
export interface Reason {
  code: string;
  figures: Readonly<Record<string, number | string>>;
  text: string;
}

/** What would explain a contradiction. */
export interface Explanation extends Reason {
  kind: "clock" | "cloned_plate" | "wrong_confirmation";
  likely: boolean;
}

export interface LegWay {
  mode: "walk" | "drive";
  distance_m: number;
  seconds: number;
  plausible: boolean;
  straight: boolean;
  geometry: Way;
}

export interface LegGap {
  from_m: number;
  to_m: number;
  geometry: Way;
}

/**
 * From one stop to the next. `geometry` is what may have been travelled: null for a contradiction
 * and where a camera has no place. `ways` has the drawn one first.
 */
export interface RouteLeg {
  from: number;
  to: number;
  type: LegType;
  reason: string;
  reasons: readonly Reason[];
  explanations: readonly Explanation[];
  distance_m: number | null;
  duration_s: number;
  overlap_s: number;
  speed_m_s: number | null;
  mode: "walk" | "drive" | null;
  ways: readonly LegWay[];
  gaps: readonly LegGap[];
  /** Cameras whose views it passed unreported. */
  ask_again: readonly string[];
  geometry: Way | null;
}

export interface Route {
  id: string;
  name: string | null;
  created_at: string;
  version: number;
  /** Why it was drawn; null: nobody said. */
  purpose: string | null;
  stops: RouteStop[];
  legs: RouteLeg[];
  distance_m: number;
  duration_s: number;
}

export const ROUTE_FILES = ["geojson", "mf.json", "gpx", "kml"] as const;
export type RouteFile = (typeof ROUTE_FILES)[number];

export const MEANS = ["walk", "bus", "car"] as const;
export type Means = (typeof MEANS)[number];

/** `now` null: by the centre's clock. */
export interface NextRequest {
  now: string | null;
  modes: readonly Means[];
  /** Areas are for so many minutes from `now`. */
  minutes: readonly number[];
  most: number;
}

/** `geometry` null: longer ago than an area means anything. `straight`: a circle, no streets. */
export interface ReachableArea {
  means: Means;
  minutes: number;
  seconds: number;
  straight: boolean;
  geometry: Area | null;
}

/** `chance` that it is the next to see them; look from `from` to `to`. */
export interface NextCamera {
  rank: number;
  camera: string;
  chance: number;
  soon: number;
  from: string;
  likely: string;
  to: string;
  learnt: boolean;
  passed: number;
}

export interface NextAnswer {
  sighting_id: string;
  camera: string;
  last_seen: string;
  now: string;
  elapsed_s: number;
  areas: readonly ReachableArea[];
  cameras: readonly NextCamera[];
  /** The chance that no camera here sees them next. */
  unseen: number;
  note: string | null;
}

export interface SuggestRequest {
  search: SearchRequest;
  k: number;
}

export interface SuggestedStop {
  number: number;
  confirmed: boolean;
  /** How probable it is that they were there, all ways considered. */
  chance: number;
  sighting: Sighting;
}

/** `share`: how much of all ways through the candidates it is. */
export interface SuggestedPath {
  rank: number;
  share: number;
  stops: readonly SuggestedStop[];
  adds: readonly string[];
  drops: readonly string[];
}

export interface SuggestAnswer {
  paths: readonly SuggestedPath[];
  clashes: readonly { first: string; second: string; text: string }[];
  /** Candidates whose judgement would tell most. */
  ask: readonly string[];
  candidates: number;
  note: string | null;
}

/** What was learnt of going from one camera to another; the percentiles are seconds. */
export interface Link {
  from: string;
  to: string;
  object_class: ObjectClass;
  samples: number;
  p05_s: number;
  p50_s: number;
  p95_s: number;
  /** It is used; until then the street network's time stands for it. */
  trusted: boolean;
}
