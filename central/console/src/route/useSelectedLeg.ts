import { useCallback, useState } from "react";
import type { Route } from "../api/routes";
import type { LegChoice } from "./StopTable";

/** The leg that is looked at, until another route is drawn. */
export function useSelectedLeg(route: Route | null): LegChoice {
  const [chosen, choose] = useState<{ routeId: string; from: number } | null>(null);
  const routeId = route?.id ?? null;
  const select = useCallback(
    (from: number | null) => choose(from === null || routeId === null ? null : { routeId, from }),
    [routeId],
  );
  return { selected: chosen?.routeId === routeId ? chosen.from : null, select };
}
