import { useCallback, useMemo, useState } from "react";
import type { Judged, Sighting } from "../api/types";
import { NOTHING_JUDGED } from "./request";

export interface Judging {
  rejected: readonly Sighting[];
  /** Their ids: who is not shown. */
  hidden: ReadonlySet<string>;
  /** What the search at hand was told. Ticking and hiding alone ask for nothing. */
  told: Judged;
  tell: (judged: Judged) => void;
  reject: (sighting: Sighting) => void;
  unhide: () => void;
  /** For someone else. */
  restart: () => void;
}

const NOBODY: readonly Sighting[] = [];

/** Who is not the one looked for, and what a search knows of that and of the ticked stops. */
export function useJudging(): Judging {
  const [rejected, setRejected] = useState(NOBODY);
  const [told, tell] = useState(NOTHING_JUDGED);
  const hidden = useMemo(() => new Set(rejected.map((sighting) => sighting.id)), [rejected]);
  const unhide = useCallback(() => setRejected(NOBODY), []);
  const restart = useCallback(() => {
    setRejected(NOBODY);
    tell(NOTHING_JUDGED);
  }, []);
  return {
    rejected,
    hidden,
    told,
    tell,
    reject: (sighting) => setRejected([...rejected, sighting]),
    unhide,
    restart,
  };
}
