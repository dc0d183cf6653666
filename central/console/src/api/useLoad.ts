/** A request as state: its value, whether it is under way, and what went wrong. */
import { useCallback, useEffect, useState } from "react";
import { type ApiError, asApiError } from "./client";

export type Loader<T> = (signal: AbortSignal) => Promise<T>;

export interface Load<T> {
  /** The newest answer; while a newer one is under way, the one before, if that is kept. */
  value: T | null;
  loading: boolean;
  error: ApiError | null;
  retry: () => void;
}

interface Outcome<T> {
  of: Loader<T>;
  attempt: number;
  value: T | null;
  error: ApiError | null;
}

/**
 * Runs `load` whenever it is another function than before, and aborts the run it replaces.
 * Memoise it on what it depends on; null asks for nothing, and forgets the last answer.
 *
 * @param keeps whether the answer of another `load` stands until this one's is there: never where
 *   it would be taken for one about somebody else
 */
export function useLoad<T>(load: Loader<T> | null, keeps = true): Load<T> {
  const [outcome, setOutcome] = useState<Outcome<T> | null>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (load === null) return;
    const abort = new AbortController();
    load(abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) setOutcome({ of: load, attempt, value, error: null });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setOutcome({ of: load, attempt, value: null, error: asApiError(error) });
      },
    );
    return () => abort.abort();
  }, [load, attempt]);

  if (load === null && outcome !== null) setOutcome(null);

  const retry = useCallback(() => setAttempt((before) => before + 1), []);
  if (load === null) return { value: null, loading: false, error: null, retry };
  const settled = outcome?.of === load && outcome.attempt === attempt;
  return {
    value: keeps || outcome?.of === load ? (outcome?.value ?? null) : null,
    loading: !settled,
    error: settled ? outcome.error : null,
    retry,
  };
}

/** `load` while its answer is not to be seen yet. */
export function withheld<T>(load: Load<T>): Load<T> {
  return { ...load, value: null, loading: true };
}
