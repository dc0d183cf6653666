import { useCallback, useMemo, useState } from "react";
import { camerasWithin } from "../api/centre";
import type { ObjectClass, Radius, Scope } from "../api/types";
import { type Load, useLoad } from "../api/useLoad";
import type { Wanted } from "../words/words";
import { ANY_TIME, type TimeWindow } from "./timeWindow";

export interface ScopeState {
  /** What to ask for; null while the cameras within the radius are not known. */
  scope: Scope | null;
  /** Cameras chosen one by one or by the radius. */
  chosen: ReadonlySet<string>;
  radius: Radius | null;
  inRadius: Load<string[]>;
  window: TimeWindow;
  objectClass: ObjectClass | null;
  /** What the object looks like. */
  wanted: Wanted;
  leastConfidence: number;
  toggleCamera: (id: string) => void;
  /** These, and no others. */
  chooseCameras: (ids: readonly string[]) => void;
  clearCameras: () => void;
  setRadius: (radius: Radius | null) => void;
  setWindow: (window: TimeWindow) => void;
  setObjectClass: (objectClass: ObjectClass | null) => void;
  setWanted: (wanted: Wanted) => void;
  setLeastConfidence: (confidence: number) => void;
}

const NONE: ReadonlySet<string> = new Set();
const ANYTHING: Wanted = {};

/** Which cameras, when and what kind of object: the part of a search that is not the picture. */
export function useScope(): ScopeState {
  const [clicked, setClicked] = useState(NONE);
  const [radius, setRadius] = useState<Radius | null>(null);
  const [window, setWindow] = useState(ANY_TIME);
  const [objectClass, setObjectClass] = useState<ObjectClass | null>(null);
  const [wanted, setWanted] = useState(ANYTHING);
  const [leastConfidence, setLeastConfidence] = useState(0);

  const inRadius = useLoad(
    useMemo(() => radius && ((signal: AbortSignal) => camerasWithin(radius, signal)), [radius]),
  );
  const chosen = useMemo(
    () => (inRadius.value === null ? clicked : new Set([...clicked, ...inRadius.value])),
    [clicked, inRadius.value],
  );
  const waiting = radius !== null && (inRadius.loading || inRadius.error !== null);
  const everywhere = radius === null && clicked.size === 0;
  const { from, to } = window;
  const scope = useMemo(
    () =>
      waiting
        ? null
        : {
            cameras: everywhere ? null : [...chosen],
            from,
            to,
            objectClass,
            attributes: wanted,
            leastConfidence,
          },
    [waiting, everywhere, chosen, from, to, objectClass, wanted, leastConfidence],
  );

  const toggleCamera = useCallback((id: string) => setClicked((before) => flipped(before, id)), []);

  return {
    scope,
    chosen,
    radius,
    inRadius,
    window,
    objectClass,
    wanted,
    leastConfidence,
    toggleCamera,
    chooseCameras: (ids) => {
      setClicked(new Set(ids));
      setRadius(null);
    },
    clearCameras: () => {
      setClicked(NONE);
      setRadius(null);
    },
    setRadius,
    setWindow,
    setObjectClass: (next) => {
      setObjectClass(next);
      setWanted(ANYTHING);
    },
    setWanted,
    setLeastConfidence,
  };
}

function flipped(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}
