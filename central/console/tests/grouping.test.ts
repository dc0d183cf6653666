import { expect, it } from "vitest";
import type { Candidate } from "../src/api/types";
import { groupByCamera } from "../src/search/grouping";

function candidate(rank: number, camera: string): Candidate {
  return { rank, band: null, reach: null, sighting: { camera } as Candidate["sighting"] };
}

it("groups candidates by camera, the camera with the best one first", () => {
  const groups = groupByCamera([candidate(3, "b"), candidate(1, "b"), candidate(2, "a")]);
  expect(groups.map((group) => group.camera)).toEqual(["b", "a"]);
  expect(groups[0]?.candidates.map(({ rank }) => rank)).toEqual([1, 3]);
});
