import { searchByPicture, searchBySighting } from "../api/centre";
import type { Scope, SearchResult } from "../api/types";

/** What is looked for: a sighting the centre has, or a picture it has never seen. */
export type Query = { kind: "sighting"; id: string } | { kind: "picture"; file: File };

export async function runSearch(
  query: Query,
  scope: Scope,
  signal: AbortSignal,
): Promise<SearchResult> {
  if (scope.cameras?.length === 0) return { candidates: [] };
  if (query.kind === "picture") return searchByPicture(query.file, scope, signal);
  return searchBySighting(query.id, scope, signal);
}

/** The first picture among dropped, pasted or chosen files. */
export function firstPicture(files: FileList | null | undefined): File | null {
  return Array.from(files ?? []).find((file) => file.type.startsWith("image/")) ?? null;
}
