import { useEffect, useMemo } from "react";
import type { Route } from "../api/routes";
import type { Camera, Position, Radius } from "../api/types";
import { useStrings } from "../i18n/context";
import { placesOf } from "../route/stops";
import { boundsOf } from "./circle";
import { cameraFeatures, radiusFeatures } from "./features";
import type { Bounds } from "./graticule";
import { useGround, type GroundContent } from "./useGround";
import { useWays, type WaysContent } from "./useWays";
import type { LiveMap } from "./useScene";

export interface MapContent extends WaysContent, GroundContent {
  chosen: ReadonlySet<string>;
  radius: Radius | null;
  /** The camera of what the pointer or the keyboard is on. */
  pointedAt: string | null;
}

/** Keeps what the map shows equal to `content`. Returns the bounds of all cameras. */
export function useMapContent(live: LiveMap | null, content: MapContent): Bounds | null {
  const { cameras, chosen, radius, stops, route, pointedAt } = content;
  const strings = useStrings();
  const positions = useMemo(() => positionsOf(cameras), [cameras]);
  const places = useMemo(() => placesOf(stops, positions), [stops, positions]);

  useEffect(() => {
    live?.scene.set("cameras", cameraFeatures(cameras, chosen));
  }, [live, cameras, chosen]);

  useEffect(() => {
    live?.scene.set("radius", radiusFeatures(radius));
  }, [live, radius]);

  useWays(live, content, positions);
  useGround(live, content);

  useEffect(() => {
    const named = cameras.flatMap(({ id, name, position }) =>
      position === null ? [] : [{ id, name, position }],
    );
    const names = new Map(named.map(({ id, name }) => [id, name]));
    const warned = contradicted(route);
    const marks = places.map(({ camera, position, numbers }) => {
      const label = strings.route.marker(numbers.join(", "), names.get(camera) ?? camera);
      const isWarned = numbers.some((number) => warned.has(number));
      const told = isWarned ? `${label}: ${strings.legs.contradicted}` : label;
      return { text: numbers.join("·"), label: told, camera, position, isWarned };
    });
    live?.annotations.show(named, marks);
  }, [live, cameras, places, route, strings]);

  useEffect(() => {
    live?.scene.pointAt(pointedAt);
    live?.annotations.pointAt(pointedAt);
  }, [live, pointedAt]);

  // The whole network first; then each route as it is drawn or opened.
  const everything = useMemo(() => boundsOf([...positions.values()]), [positions]);
  const routeBounds = useMemo(
    () => (route === null ? null : boundsOf(places.map((place) => place.position))),
    [route, places],
  );
  useEffect(() => {
    const bounds = routeBounds ?? everything;
    if (bounds !== null) live?.scene.fit(bounds, false);
  }, [live, everything, routeBounds]);
  return everything;
}

/** The numbers of the stops at either end of a contradiction. */
function contradicted(route: Route | null): ReadonlySet<number> {
  const legs = route?.legs.filter(({ type }) => type === "CONTRADICTION") ?? [];
  return new Set(legs.flatMap(({ from, to }) => [from, to]));
}

function positionsOf(cameras: readonly Camera[]): ReadonlyMap<string, Position> {
  return new Map(
    cameras.flatMap(({ id, position }) => (position === null ? [] : [[id, position] as const])),
  );
}
