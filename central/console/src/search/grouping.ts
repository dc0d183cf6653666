import type { Candidate } from "../api/types";

export interface CameraGroup {
  camera: string;
  candidates: Candidate[];
}

/** Candidates by camera: the camera with the best one first, ranks kept inside. */
export function groupByCamera(candidates: readonly Candidate[]): CameraGroup[] {
  const groups = new Map<string, CameraGroup>();
  for (const candidate of [...candidates].sort((a, b) => a.rank - b.rank)) {
    const camera = candidate.sighting.camera;
    const group = groups.get(camera) ?? { camera, candidates: [] };
    group.candidates.push(candidate);
    groups.set(camera, group);
  }
  return [...groups.values()];
}
