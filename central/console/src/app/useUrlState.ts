import { useCallback, useEffect, useState } from "react";
import { formatUrl, parseUrl, type UrlState } from "./urlState";

/** Another address, or what to make of the one that stands there now. */
export type Go = (next: UrlState | ((now: UrlState) => UrlState)) => void;

/** The address bar as state; `onReturn` is called when Back or Forward changed it. */
export function useUrlState(onReturn: () => void): [UrlState, Go] {
  const [state, setState] = useState(() => parseUrl(location.search));

  useEffect(() => {
    const follow = () => {
      setState(parseUrl(location.search));
      onReturn();
    };
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, [onReturn]);

  const go: Go = useCallback((to) => {
    const next = typeof to === "function" ? to(parseUrl(location.search)) : to;
    const search = formatUrl(next, location.search);
    if (search !== location.search) history.pushState(null, "", location.pathname + search);
    setState(next);
  }, []);
  return [state, go];
}
