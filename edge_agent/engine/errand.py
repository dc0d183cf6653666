"""What can wait a moment: crops to embed, and what is to be done once they are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.classes import ObjectClass
from shared.pictures import Picture
from shared.vectors import Vector


class Embeddable(Protocol):
    """A crop, and its vector once it has one."""

    picture: Picture
    vector: Vector | None


@dataclass(frozen=True, slots=True, eq=False)
class Errand:
    """Work of one channel that need not be done before its next frame.

    Args:
        due_s: by when it must be done though frames wait; the monotonic clock's seconds. Before
            that it is done when no frame waits.
        object_class: of the crops: says which embedder.
        crops: those without vector get theirs first, in one call with other channels' crops.
        then: what follows; one thing of a channel is done at a time, in the order of `due_s`.
    """

    due_s: float
    object_class: ObjectClass
    crops: Sequence[Embeddable]
    then: Callable[[], None]

    @property
    def missing(self) -> int:
        """How many crops are to be embedded."""
        return sum(crop.vector is None for crop in self.crops)


def unembedded(errands: Iterable[Errand]) -> list[Embeddable]:
    """The crops of all `errands` without vector, each once."""
    found = {id(crop): crop for errand in errands for crop in errand.crops}
    return [crop for crop in found.values() if crop.vector is None]
