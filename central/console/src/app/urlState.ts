/** What the address bar holds, so that a view can be shared: `/?query=<sighting>&route=<route>`. */

export interface UrlState {
  query: string | null;
  route: string | null;
}

export function parseUrl(search: string): UrlState {
  const given = new URLSearchParams(search);
  return { query: given.get("query") || null, route: given.get("route") || null };
}

/** The address's search part for `state`; other parameters in `search` stay as they are. */
export function formatUrl(state: UrlState, search: string): string {
  const next = new URLSearchParams(search);
  for (const [key, value] of Object.entries(state) as [keyof UrlState, string | null][]) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  return text === "" ? "" : `?${text}`;
}
