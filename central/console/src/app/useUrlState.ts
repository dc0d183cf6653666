import { useCallback, useEffect, useState } from "react";
import { formatUrl, parseUrl, type UrlState } from "./urlState";

/** The address bar as state; `onReturn` is called when Back or Forward changed it. */
export function useUrlState(onReturn: () => void): [UrlState, (next: UrlState) => void] {
  const [state, setState] = useState(() => parseUrl(location.search));

  useEffect(() => {
    const follow = () => {
      setState(parseUrl(location.search));
      onReturn();
    };
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, [onReturn]);

  const go = useCallback((next: UrlState) => {
    const search = formatUrl(next, location.search);
    if (search !== location.search) history.pushState(null, "", location.pathname + search);
    setState(next);
  }, []);
  return [state, go];
}
