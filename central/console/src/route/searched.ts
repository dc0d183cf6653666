/** How the stops of a route were found, in a sentence: it is kept with it, and in its report. */
import type { AttributeSet, CameraChoice, Scope, SearchRequest, Sighting } from "../api/types";
import { distance, fullPeriod, hoursText, percent } from "../format/format";
import { type Language, LANGUAGES, type Strings } from "../i18n/strings";
import { NOTHING_JUDGED, requestOf } from "../search/request";
import type { Query } from "../search/query";
import { wantedText } from "../words/words";

/** What the centre keeps of it, in characters. */
const MOST = 4_000;
/** So many cameras are named. */
const NAMED = 20;

/** What was asked for last, and what was judged. */
export interface Searching {
  query: Query | null;
  /** The sighting of `query`; null: there is none, or it is not loaded. */
  sighting: Sighting | null;
  /** The sentence whose meaning narrows the query, as it was typed. */
  words: string | null;
  scope: Scope | null;
  confirmed: number;
  rejected: number;
}

/** What names things in the reader's language. */
export interface Naming {
  language: Language;
  sets: readonly AttributeSet[];
  cameraName: (id: string) => string;
}

/** The sentence, as long as it may be. */
export function searchedText(done: Searching, naming: Naming): string {
  const { searched } = LANGUAGES[naming.language];
  const words = done.query?.words ?? null;
  const parts = [begun(done, naming)];
  if (words !== null && done.words !== null) parts.push(searched.words(done.words));
  if (done.scope !== null) {
    parts.push(...filters(requestOf(done.scope, words, NOTHING_JUDGED), naming));
  }
  parts.push(searched.confirmed(done.confirmed), searched.rejected(done.rejected));
  return cut(`${parts.join("; ")}.`);
}

function begun({ query, sighting }: Searching, naming: Naming): string {
  const { searched } = LANGUAGES[naming.language];
  if (query === null) return searched.browsed;
  if (query.kind === "picture") return searched.byPicture(query.file.name);
  if (query.kind === "words") return searched.byWords;
  if (sighting === null) return searched.bySighting(query.id, "");
  const seen = fullPeriod(sighting.first_seen, sighting.first_seen, naming.language);
  return searched.bySighting(naming.cameraName(sighting.camera), seen);
}

/** Cameras, window, hours, and what it looks like. */
function filters(request: SearchRequest, naming: Naming): string[] {
  const { language, sets } = naming;
  const strings = LANGUAGES[language];
  const { from, to, hours, plate, least_confidence: least } = request;
  const wanted = Object.entries(request.attributes);
  const found = [
    camerasText(request.cameras, naming, strings),
    from === null && to === null ? strings.searched.anyTime : fullPeriod(from, to, language),
  ];
  if (hours !== null) found.push(hoursText(hours, language));
  if (request.object_class !== null) found.push(strings.objectClass[request.object_class]);
  if (plate !== null) found.push(plate);
  found.push(...wanted.map(([name, values]) => wantedText(name, values, sets, language)));
  if (wanted.length > 0 && least > 0) found.push(strings.searched.least(percent(least, language)));
  return found;
}

function camerasText(
  choice: CameraChoice | null,
  { cameraName }: Naming,
  { searched, units }: Strings,
): string {
  if (choice === null) return searched.everyCamera;
  const { ids, groups, radius } = choice;
  const found: string[] = [];
  if (radius != null) {
    const { lat, lon } = radius.center;
    found.push(searched.around(distance(radius.metres, units), `${fixed(lat)}, ${fixed(lon)}`));
  }
  if (groups != null) found.push(...groups);
  if (ids != null) {
    const names = ids.slice(0, NAMED).map(cameraName);
    if (ids.length > NAMED) names.push(searched.more);
    found.push(searched.cameras(names.join(", "), ids.length));
  }
  return found.join(", ");
}

function fixed(degrees: number): string {
  return degrees.toFixed(5);
}

/** Counted as the centre counts: a character outside the first plane is one. */
function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MOST ? text : `${characters.slice(0, MOST - 1).join("")}…`;
}
