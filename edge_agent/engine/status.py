"""The engine's counters as one picture."""

from shared.settings import Settings


class EngineStatus(Settings):
    """What the engine has done so far.

    `frames` were looked at in `calls` calls of the detector, `replaced` gave way to newer ones
    before there was time for them; `share` is how many of the frames of the last ten seconds were
    looked at, and `slowed` whether that is too few. `embedded` counts crops, in `embeddings`
    calls. `failed` counts frames and sightings lost to an error of a network or a disk, which the
    channel tells. `busy_s` is for how long the longest piece of work in hand has been going on.
    """

    workers: int
    frames: int = 0
    calls: int = 0
    replaced: int = 0
    embedded: int = 0
    embeddings: int = 0
    failed: int = 0
    slowed: bool = False
    share: float = 1.0
    busy_s: float = 0.0
