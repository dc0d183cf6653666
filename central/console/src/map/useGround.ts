import type { FeatureCollection, LineString, Polygon } from "geojson";
import { useEffect, useRef } from "react";
import type { Link, ReachableArea } from "../api/routes";
import type { Camera } from "../api/types";
import { duration } from "../format/format";
import { useStrings } from "../i18n/context";
import { NO_FEATURES } from "./baseStyle";
import { areaBounds, areaFeatures, linkMarks, viewFeatures } from "./groundFeatures";
import type { LiveMap } from "./useScene";

export interface GroundContent {
  cameras: readonly Camera[];
  /** Where they can be; none: nobody asks. */
  areas: readonly ReachableArea[];
  /** Null: not shown. */
  links: FeatureCollection<LineString, Link> | null;
  /** What the centre worked out of calibrated cameras; null: views are not shown. */
  views: ReadonlyMap<string, Polygon> | null;
}

/** Keeps on the map what lies below the cameras. */
export function useGround(
  live: LiveMap | null,
  { cameras, areas, links, views }: GroundContent,
): void {
  const { units } = useStrings();

  useEffect(() => {
    live?.scene.set("views", views === null ? NO_FEATURES : viewFeatures(cameras, views));
  }, [live, cameras, views]);

  useEffect(() => {
    live?.scene.set("areas", areaFeatures(areas));
  }, [live, areas]);

  // Looked at as a whole when they first come; whoever then moves the map is left alone.
  const isFitted = useRef(false);
  useEffect(() => {
    const bounds = areaBounds(areas);
    if (bounds !== null && !isFitted.current) live?.scene.fit(bounds, false);
    isFitted.current = bounds !== null && live !== null;
  }, [live, areas]);

  useEffect(() => {
    live?.scene.set("links", links ?? NO_FEATURES);
    const marks = links === null ? [] : linkMarks(links);
    live?.annotations.caption(
      marks.map(({ position, seconds }) => ({ position, text: duration(seconds, units) })),
    );
  }, [live, links, units]);
}
