import type { Asked, Judged, Scope, SearchRequest } from "../api/types";

const CANDIDATES = 60;

/** What a search takes at most; of more stops the latest are sent. */
const MAX_CONFIRMED = 100;
const MAX_REJECTED = 1_000;

export const NOTHING_ASKED: Asked = {
  cameras: null,
  from: null,
  to: null,
  hours: null,
  object_class: null,
  attributes: {},
  plate: null,
};

export const NOTHING_JUDGED: Judged = { confirmed: [], rejected: [] };

/**
 * What the words ask for, and `scope` where they say nothing: of places, of days, of looks.
 * Class and attributes go together: a red car in words is not looked for among backpacks.
 */
export function requestOf(scope: Scope, words: Asked | null, judged: Judged): SearchRequest {
  const asked = words ?? NOTHING_ASKED;
  const { from, to } = asked.from === null && asked.to === null ? scope : asked;
  const looks = saysLooks(asked)
    ? { object_class: asked.object_class, attributes: asked.attributes }
    : { object_class: scope.objectClass, attributes: scope.attributes };
  return {
    cameras: asked.cameras ?? (scope.cameras === null ? null : { ids: scope.cameras }),
    from,
    to,
    hours: asked.hours,
    ...looks,
    plate: asked.plate,
    least_confidence: scope.leastConfidence,
    confirmed: judged.confirmed.slice(-MAX_CONFIRMED),
    rejected: judged.rejected.slice(-MAX_REJECTED),
    limit: CANDIDATES,
  };
}

function saysLooks(asked: Asked): boolean {
  return asked.object_class !== null || Object.keys(asked.attributes).length > 0;
}
