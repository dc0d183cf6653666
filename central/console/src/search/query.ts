import { search, searchByPicture } from "../api/centre";
import type { Asked, Judged, Scope, SearchResult } from "../api/types";
import { NOTHING_JUDGED, requestOf } from "./request";

/**
 * What is looked for: a sighting the centre has, or a picture it has never seen, each narrowed
 * by words or not; or words alone.
 */
export type Query =
  | { kind: "sighting"; id: string; words: Asked | null; judged: Judged }
  | { kind: "picture"; file: File; words: Asked | null; judged: Judged }
  | { kind: "words"; words: Asked };

/** Whom a query is about, as far as one can tell from it: the same words may fit anybody. */
export function subjectOf(query: Query | null): string | File | null {
  if (query === null || query.kind === "words") return null;
  return query.kind === "picture" ? query.file : query.id;
}

/** The query at hand, of what there may be; a picture goes before the sighting it came after. */
export function queryOf(
  picture: File | null,
  sighting: string | null,
  words: Asked | null,
  judged: Judged,
): Query | null {
  if (picture !== null) return { kind: "picture", file: picture, words, judged };
  if (sighting !== null) return { kind: "sighting", id: sighting, words, judged };
  return words === null ? null : { kind: "words", words };
}

export async function runSearch(
  query: Query,
  scope: Scope,
  signal: AbortSignal,
): Promise<SearchResult> {
  const judged = query.kind === "words" ? NOTHING_JUDGED : query.judged;
  const request = requestOf(scope, query.words, judged);
  // Cameras were asked for, and there are none: the centre need not be asked.
  if (request.cameras?.ids?.length === 0) return { candidates: [], note: null };
  if (query.kind === "picture") return searchByPicture(query.file, request, signal);
  if (query.kind === "words") return search(request, signal);
  return search({ by: { sighting_id: query.id }, ...request }, signal);
}

/** The first picture among dropped, pasted or chosen files. */
export function firstPicture(files: FileList | null | undefined): File | null {
  return Array.from(files ?? []).find((file) => file.type.startsWith("image/")) ?? null;
}
