/**
 * Why somebody searches: a report's number, say. The centre writes it to its log and keeps it with
 * routes. It is of this tab and no more: an address that is shared says what was looked at, and
 * whoever opens it has a reason of their own.
 */
import { useSyncExternalStore } from "react";

/** What the centre takes of it, in characters. */
export const MOST_PURPOSE = 300;

const KEY = "dongseon.purpose";
const followers = new Set<() => void>();

/** As a request has it: no field at all where nothing was said. */
export type Stated = Readonly<Record<string, string>>;

/** `typed` as the centre takes it; it refuses the tabs and line ends that come with a paste. */
export function statedBy(typed: string): Stated {
  const purpose = typed.replace(/\p{Cc}+/gu, " ").trim();
  return purpose === "" ? {} : { purpose };
}

/** What stands in the field, as it was typed. */
export function typedPurpose(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

export function typePurpose(typed: string): void {
  sessionStorage.setItem(KEY, typed);
  for (const follow of followers) follow();
}

/** For a request that is made now: nothing that was asked is asked again for another purpose. */
export function stated(): Stated {
  return statedBy(typedPurpose());
}

/** For an address that stands in the page before somebody follows it. */
export function useStated(): Stated {
  return statedBy(useSyncExternalStore(follow, typedPurpose));
}

function follow(changed: () => void): () => void {
  followers.add(changed);
  return () => followers.delete(changed);
}
