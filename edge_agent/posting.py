"""Where a channel's messages go: into the outbox, on a thin line with the picture apart."""

from collections.abc import Sequence

from edge_agent.outbox import Outbox, WaitingCrop
from shared.messages import CropsWanted, LateCrops, Sighting, decode, encode, part_from_crop
from shared.topics import Lane


class Posting:
    """Keeps messages in `outbox`.

    Args:
        outbox: where they wait for the line.
        crops_later: sightings go without their picture, which follows when the line is idle or
            the centre asks for it.
    """

    def __init__(self, outbox: Outbox, *, crops_later: bool) -> None:
        self._outbox = outbox
        self._crops_later = crops_later

    def keep(self, lane: Lane, payload: bytes) -> None:
        """Keep `payload`; it is on disk when this returns.

        Raises:
            StorageError: the disk refuses.
            WireError: `payload` is over the wire's cap, or no sighting in the lane of those.
        """
        crop = None
        if self._crops_later and lane is Lane.SIGHTING:
            sighting, late = part_from_crop(decode(Sighting, payload))
            if late is not None:
                payload, crop = encode(sighting), WaitingCrop(sighting.id.bytes, encode(late))
        self._outbox.append(lane, payload, crop)


def tell_gone(keys: Sequence[bytes]) -> bytes:
    """The message that the pictures of these sightings were given up."""
    return encode(LateCrops.from_wire({"v": LateCrops.VERSION, "gone": list(keys)}))


def read_wanted(payload: bytes) -> list[bytes]:
    """The sightings whose pictures a command asks for.

    Raises:
        WireError: it is no such command.
    """
    return [identifier.bytes for identifier in decode(CropsWanted, payload).ids]
