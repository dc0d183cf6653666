import { useEffect } from "react";
import type { Route, SuggestedPath } from "../api/routes";
import type { Position } from "../api/types";
import type { PickedStop } from "../route/stops";
import {
  gapFeatures,
  previewFeatures,
  routeFeatures,
  suggestedFeatures,
  wayFeatures,
} from "./routeFeatures";
import type { LiveMap } from "./useScene";

export interface WaysContent {
  stops: readonly PickedStop[];
  /** The route through exactly `stops`, once the centre has drawn it. */
  route: Route | null;
  /** The number of the stop that the selected leg leads on from. */
  selectedLeg: number | null;
  suggested: readonly SuggestedPath[];
  /** The rank of the suggestion that is looked at. */
  chosenPath: number | null;
}

/** Keeps the legs, their other ways and the suggested ones on the map. */
export function useWays(
  live: LiveMap | null,
  { stops, route, selectedLeg, suggested, chosenPath }: WaysContent,
  positions: ReadonlyMap<string, Position>,
): void {
  useEffect(() => {
    const legs =
      route === null ? previewFeatures(stops, positions) : routeFeatures(route, selectedLeg);
    live?.scene.set("legs", legs);
  }, [live, route, selectedLeg, stops, positions]);

  useEffect(() => {
    live?.scene.set("gaps", gapFeatures(route));
  }, [live, route]);

  useEffect(() => {
    const leg = route?.legs.find(({ from }) => from === selectedLeg) ?? null;
    live?.scene.set("ways", wayFeatures(leg));
  }, [live, route, selectedLeg]);

  useEffect(() => {
    live?.scene.set("suggested", suggestedFeatures(suggested, chosenPath, positions));
  }, [live, suggested, chosenPath, positions]);
}
