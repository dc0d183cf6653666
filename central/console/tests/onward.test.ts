import { describe, expect, it } from "vitest";
import type { SuggestedStop } from "../src/api/routes";
import type { Sighting } from "../src/api/types";
import { lastOf, requestOf, usualMeans } from "../src/onward/moment";
import { listed, type PickedStop } from "../src/route/stops";
import { suggestible } from "../src/suggest/suggestible";
import { ANYWHERE } from "./anywhere";

function stop(sightingId: string, minute: number): PickedStop {
  const arrived = `2026-03-14T06:${String(minute).padStart(2, "0")}:00.000Z`;
  return { sightingId, camera: "c", arrived, left: arrived, space: null, objectClass: "person" };
}

describe("where they can be now", () => {
  it("is asked of the stop that was left last, so many minutes after it", () => {
    const last = lastOf(null, [stop("a", 20), stop("b", 25)]);
    expect(last?.sightingId).toBe("b");
    if (last === null) return;
    expect(requestOf(last, 5, ["walk"]).now).toBe("2026-03-14T06:30:00.000Z");
    expect(requestOf(last, null, ["walk"]).now).toBeNull();
  });

  it("is on foot for people and by car for what drives", () => {
    const last = lastOf(null, [stop("a", 20)]);
    expect(usualMeans(last)).toEqual(["walk"]);
    expect(usualMeans(last && { ...last, objectClass: "vehicle" })).toEqual(["car"]);
  });
});

describe("suggested ways", () => {
  it("are put together from all that is confirmed and ruled out", () => {
    const judged = { id: "x", space: "s" } as Sighting;
    const query = {
      kind: "sighting",
      id: "a",
      words: null,
      judged: { confirmed: [], rejected: [] },
    } as const;
    const request = suggestible(query, ANYWHERE, [stop("a", 1), stop("b", 2)], [judged]);
    expect(request).toMatchObject({
      by: { sighting_id: "a" },
      confirmed: ["b"],
      rejected: ["x"],
    });
  });

  it("need somebody: words alone name nobody", () => {
    const words = { kind: "words", words: null } as never;
    expect(suggestible(words, ANYWHERE, [], [])).toBeNull();
  });

  it("propose their stops between those that are confirmed, in order of time", () => {
    const proposal = (id: string, minute: number) =>
      ({
        number: 1,
        confirmed: false,
        chance: 0.5,
        sighting: { id, first_seen: stop(id, minute).arrived, clock_offset_ms: null },
      }) as SuggestedStop;
    const rows = listed([stop("a", 1), stop("c", 3)], [proposal("d", 4), proposal("b", 2)]);
    const ids = rows.map((row) =>
      row.kind === "stop" ? row.stop.sightingId : row.proposal.sighting.id,
    );
    expect(ids).toEqual(["a", "b", "c", "d"]);
  });
});
