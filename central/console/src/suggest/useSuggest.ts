import { useMemo, useState } from "react";
import { suggestRoute } from "../api/centre";
import type { SuggestAnswer, SuggestedPath, SuggestedStop } from "../api/routes";
import type { SearchRequest } from "../api/types";
import { type Load, useLoad } from "../api/useLoad";

/** How many ways are asked for. */
const WAYS = 3;

export interface SuggestWork {
  isOpen: boolean;
  /** Whether it is known whom to put a way together for. */
  isPossible: boolean;
  answer: Load<SuggestAnswer>;
  paths: readonly SuggestedPath[];
  /** The one that is looked at. */
  chosen: SuggestedPath | null;
  /** Its stops that nobody has confirmed. */
  proposals: readonly SuggestedStop[];
  open: () => void;
  close: () => void;
  choose: (rank: number) => void;
}

const NO_PATHS: readonly SuggestedPath[] = [];
const NO_STOPS: readonly SuggestedStop[] = [];

/**
 * Ways through the candidates of `request`, worked out anew whenever that is another one: when a
 * stop is confirmed, or a match ruled out. Meanwhile what else was proposed stays where it is:
 * rows that jump are clicked by mistake.
 */
export function useSuggest(request: SearchRequest | null): SuggestWork {
  const [isOpen, setOpen] = useState(false);
  const [rank, choose] = useState(1);
  const answer = useLoad(
    useMemo(() => {
      if (!isOpen || request === null) return null;
      return (signal: AbortSignal) => suggestRoute({ search: request, k: WAYS }, signal);
    }, [isOpen, request]),
  );
  const paths = answer.value?.paths ?? NO_PATHS;
  const chosen = paths.find((path) => path.rank === rank) ?? paths[0] ?? null;
  const proposals = useMemo(() => {
    if (request === null) return NO_STOPS;
    const judged = new Set([...request.confirmed, ...request.rejected, request.by?.sighting_id]);
    const open = (stop: SuggestedStop) => !stop.confirmed && !judged.has(stop.sighting.id);
    return chosen?.stops.filter(open) ?? NO_STOPS;
  }, [chosen, request]);
  return {
    isOpen,
    isPossible: request !== null,
    answer,
    paths,
    chosen,
    proposals,
    open: () => {
      choose(1);
      setOpen(true);
    },
    close: () => setOpen(false),
    choose,
  };
}
