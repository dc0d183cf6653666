/** The calls this page makes, each named for what it asks. */
import { API, get, post } from "./client";
import { stated, type Stated } from "../purpose/purpose";
import { pairs } from "../words/words";
import type { FeatureCollection, LineString, Polygon } from "geojson";
import type {
  Link,
  NextAnswer,
  NextRequest,
  Route,
  RouteFile,
  SuggestAnswer,
  SuggestRequest,
} from "./routes";
import type {
  AttributeSet,
  Camera,
  Page,
  ParsedQuestion,
  Radius,
  Scope,
  SearchRequest,
  SearchResult,
  Sighting,
} from "./types";

const CAMERAS_A_PAGE = 500;
const SIGHTINGS_A_PAGE = 60;

/** Cameras that fit into one address line; a search takes any number. */
export const MAX_BROWSED_CAMERAS = 200;

export async function allCameras(signal: AbortSignal): Promise<Camera[]> {
  const cameras: Camera[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(CAMERAS_A_PAGE) });
    if (cursor !== null) query.set("cursor", cursor);
    const page: Page<Camera> = await get(`/cameras?${query.toString()}`, signal);
    cameras.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return cameras;
}

export async function attributeSets(signal: AbortSignal): Promise<AttributeSet[]> {
  return (await get<{ items: AttributeSet[] }>("/attributes", signal)).items;
}

export async function camerasWithin(radius: Radius, signal: AbortSignal): Promise<string[]> {
  return (await post<{ ids: string[] }>("/cameras/select", { radius }, signal)).ids;
}

export async function sightings(
  scope: Scope,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Page<Sighting>> {
  const query = new URLSearchParams({ limit: String(SIGHTINGS_A_PAGE) });
  for (const camera of scope.cameras ?? []) query.append("camera", camera);
  if (scope.from !== null) query.set("from", scope.from);
  if (scope.to !== null) query.set("to", scope.to);
  if (scope.objectClass !== null) query.set("object_class", scope.objectClass);
  for (const pair of pairs(scope.attributes)) query.append("attribute", pair);
  query.set("least_confidence", String(scope.leastConfidence));
  if (cursor !== null) query.set("cursor", cursor);
  return get(`/sightings?${query.toString()}`, signal);
}

export async function sighting(id: string, signal: AbortSignal): Promise<Sighting> {
  return get(`/sightings/${encodeURIComponent(id)}`, signal);
}

export function cropUrl(id: string): string {
  return `${API}/sightings/${encodeURIComponent(id)}/crop`;
}

/** A sentence as a request. Its times are of this browser's zone, as those the page shows. */
export async function parseQuestion(text: string, signal: AbortSignal): Promise<ParsedQuestion> {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return post("/ask/parse", { text, zone: timeZone }, signal);
}

export async function search(request: SearchRequest, signal: AbortSignal): Promise<SearchResult> {
  return post("/search", { ...request, ...stated() }, signal);
}

export async function searchByPicture(
  picture: File,
  request: SearchRequest,
  signal: AbortSignal,
): Promise<SearchResult> {
  const form = new FormData();
  form.append("file", picture);
  form.append("request", JSON.stringify({ ...request, ...stated() }));
  return post("/search/picture", form, signal);
}

export async function route(id: string, signal: AbortSignal): Promise<Route> {
  return get(withQuery(`/routes/${encodeURIComponent(id)}`, stated()), signal);
}

/** Keeps a route through the sightings; `searched` says how they were found. */
export async function drawRoute(sightingIds: readonly string[], searched: string): Promise<Route> {
  const stops = sightingIds.map((id) => ({ sighting_id: id }));
  return post("/routes", { stops, searched, ...stated() });
}

export function routeFileUrl(id: string, kind: RouteFile, why: Stated): string {
  return withQuery(`${API}/routes/${encodeURIComponent(id)}.${kind}`, why);
}

/** The report as a page to be printed, in the reader's language. */
export function reportUrl(id: string, language: string, why: Stated): string {
  const path = `${API}/routes/${encodeURIComponent(id)}/report`;
  return withQuery(path, { lang: language, ...why });
}

/** Where they can be after the route's last stop, and who is likely to see them next. */
export async function nextOfRoute(
  id: string,
  request: NextRequest,
  signal: AbortSignal,
): Promise<NextAnswer> {
  return post(`/routes/${encodeURIComponent(id)}/next`, { ...request, ...stated() }, signal);
}

/** The same after one sighting, where there is no route. */
export async function nextOfSighting(
  id: string,
  request: NextRequest,
  signal: AbortSignal,
): Promise<NextAnswer> {
  return post("/routes/next", { sighting_id: id, ...request, ...stated() }, signal);
}

export async function suggestRoute(
  request: SuggestRequest,
  signal: AbortSignal,
): Promise<SuggestAnswer> {
  const search = { ...request.search, ...stated() };
  return post("/routes/suggest", { ...request, search }, signal);
}

export async function learntLinks(
  signal: AbortSignal,
): Promise<FeatureCollection<LineString, Link>> {
  return get("/links.geojson", signal);
}

/** The ground a camera sees as the centre derives it; null: not known. */
export async function coverageOf(camera: string, signal: AbortSignal): Promise<Polygon | null> {
  const path = `/cameras/${encodeURIComponent(camera)}/view`;
  return (await get<{ coverage: Polygon | null }>(path, signal)).coverage;
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? path : `${path}?${text}`;
}
