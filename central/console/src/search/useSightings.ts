import { useMemo, useState } from "react";
import { asApiError, type ApiError } from "../api/client";
import { MAX_BROWSED_CAMERAS, sightings } from "../api/centre";
import type { Page, Scope, Sighting } from "../api/types";
import { useLoad } from "../api/useLoad";

/** Older pages, and the first page they continue. */
interface Older {
  of: Page<Sighting>;
  items: Sighting[];
  cursor: string | null;
  loading: boolean;
  error: ApiError | null;
}

export interface Sightings {
  items: readonly Sighting[];
  loading: boolean;
  error: ApiError | null;
  tooManyCameras: boolean;
  /** It is known that there are none. */
  isEmpty: boolean;
  hasMore: boolean;
  more: () => void;
  refresh: () => void;
}

/** Recent sightings in `scope`, newest first, a page at a time. */
export function useSightings(scope: Scope | null): Sightings {
  const tooManyCameras = (scope?.cameras?.length ?? 0) > MAX_BROWSED_CAMERAS;
  // Cameras were asked for, and there are none: the centre need not be asked.
  const hasNoCameras = scope?.cameras?.length === 0;
  const first = useLoad(
    useMemo(() => {
      if (scope === null || tooManyCameras || hasNoCameras) return null;
      return (signal: AbortSignal) => sightings(scope, null, signal);
    }, [scope, tooManyCameras, hasNoCameras]),
  );
  const [kept, setOlder] = useState<Older | null>(null);
  const older = kept?.of === first.value ? kept : null;
  const cursor = older === null ? (first.value?.next_cursor ?? null) : older.cursor;

  const more = () => {
    const page = first.value;
    if (scope === null || page === null || cursor === null || older?.loading) return;
    const before = { of: page, items: older?.items ?? [], cursor };
    // Late, it may come to another list that goes on by itself.
    const settle = (next: Older) => setOlder((now) => (now?.of === page ? next : now));
    setOlder({ ...before, loading: true, error: null });
    sightings(scope, cursor).then(
      (next) =>
        settle({
          of: page,
          items: [...before.items, ...next.items],
          cursor: next.next_cursor,
          loading: false,
          error: null,
        }),
      (error: unknown) => settle({ ...before, loading: false, error: asApiError(error) }),
    );
  };

  const items = [...(first.value?.items ?? []), ...(older?.items ?? [])];
  return {
    items,
    loading: first.loading || (older?.loading ?? false),
    error: first.error ?? older?.error ?? null,
    tooManyCameras,
    isEmpty: items.length === 0 && (hasNoCameras || (first.value !== null && !first.loading)),
    hasMore: cursor !== null,
    more,
    refresh: first.retry,
  };
}
