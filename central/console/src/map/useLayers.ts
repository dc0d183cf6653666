import type { FeatureCollection, LineString, Polygon } from "geojson";
import { useMemo, useState } from "react";
import { coverageOf, learntLinks } from "../api/centre";
import type { Link } from "../api/routes";
import type { Camera } from "../api/types";
import { type Load, useLoad } from "../api/useLoad";
import { calibrated, mainLinks } from "./groundFeatures";

/** Each is asked of the centre by itself. */
const MAX_DERIVED = 200;
const NONE: ReadonlyMap<string, Polygon> = new Map();

export interface Layers {
  showsViews: boolean;
  showsLinks: boolean;
  setShowsViews: (shows: boolean) => void;
  setShowsLinks: (shows: boolean) => void;
  views: ReadonlyMap<string, Polygon> | null;
  links: Load<FeatureCollection<LineString, Link>>;
}

/** What may be laid over the map, asked for when it is switched on. */
export function useLayers(cameras: readonly Camera[]): Layers {
  const [showsViews, setShowsViews] = useState(false);
  const [showsLinks, setShowsLinks] = useState(false);
  const links = useLoad(showsLinks ? allLinks : null);
  const derived = useLoad(
    useMemo(() => {
      const ids = showsViews ? calibrated(cameras).slice(0, MAX_DERIVED) : [];
      return ids.length === 0 ? null : (signal: AbortSignal) => derivedViews(ids, signal);
    }, [showsViews, cameras]),
  );
  const views = showsViews ? (derived.value ?? NONE) : null;
  return { showsViews, showsLinks, setShowsViews, setShowsLinks, views, links };
}

async function allLinks(signal: AbortSignal) {
  return mainLinks(await learntLinks(signal));
}

async function derivedViews(
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Polygon>> {
  const found = new Map<string, Polygon>();
  for (const id of ids) {
    const coverage = await coverageOf(id, signal);
    if (coverage !== null) found.set(id, coverage);
  }
  return found;
}
