import { useEffect, useMemo } from "react";
import type { Camera, Position, Radius, Route } from "../api/types";
import { useStrings } from "../i18n/context";
import { type PickedStop, placesOf } from "../route/stops";
import { boundsOf } from "./circle";
import { cameraFeatures, previewFeatures, radiusFeatures, routeFeatures } from "./features";
import type { Bounds } from "./graticule";
import type { LiveMap } from "./useScene";

export interface MapContent {
  cameras: readonly Camera[];
  chosen: ReadonlySet<string>;
  radius: Radius | null;
  stops: readonly PickedStop[];
  /** The route through exactly `stops`, once the centre has drawn it. */
  route: Route | null;
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

  useEffect(() => {
    const legs = route === null ? previewFeatures(stops, positions) : routeFeatures(route);
    live?.scene.set("legs", legs);
  }, [live, route, stops, positions]);

  useEffect(() => {
    const named = cameras.flatMap(({ id, name, position }) =>
      position === null ? [] : [{ id, name, position }],
    );
    const names = new Map(named.map(({ id, name }) => [id, name]));
    const marks = places.map(({ camera, position, numbers }) => {
      const label = strings.route.marker(numbers.join(", "), names.get(camera) ?? camera);
      return { text: numbers.join("·"), label, camera, position };
    });
    live?.annotations.show(named, marks);
  }, [live, cameras, places, strings]);

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

function positionsOf(cameras: readonly Camera[]): ReadonlyMap<string, Position> {
  return new Map(
    cameras.flatMap(({ id, position }) => (position === null ? [] : [[id, position] as const])),
  );
}
