"""From how probable it must be to the cosine that is enough, and back.

The odds are even: a probability here is that of the one looked for against somebody else, when
either might as well have passed. How often that is wrong in a day depends on how many pass; it is
measured (`make bench-watch`), not computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from central.errors import InputError
from central.search import bands
from models.catalogue import load_catalogue
from shared.classes import ObjectClass

# As many right answers as others: the prior says nothing, the fitted curve alone does.
_EVEN = 2 * bands.EXPECTED
_UNKNOWN_SPACE = 0.75
_NEARLY = 0.99
# Where a stranger in some thousands is taken for the target (`make bench-watch`).
_USUAL = {ObjectClass.PERSON: 0.3, ObjectClass.VEHICLE: 0.95, ObjectClass.TWO_WHEELER: 0.95}


@dataclass(frozen=True)
class Likeness:
    """The fitted curves; `alike` is the cosine that is enough in spaces that have none."""

    alike: Mapping[str, float]

    def probability(self, space: str, object_class: ObjectClass, cosine: float) -> float | None:
        """That a vector of `space` at `cosine` from the target shows it; None: no curve."""
        return bands.probability(space, object_class, cosine, _EVEN)

    def usual(self, space: str, object_class: ObjectClass) -> float:
        """How probable it must be where nobody says it; never more than the space allows."""
        highest = self.probability(space, object_class, 1.0)
        usual = _USUAL[object_class]
        return usual if highest is None else min(usual, _NEARLY * highest)

    def least_cosine(self, space: str, object_class: ObjectClass, wanted: float) -> float:
        """The least cosine that is `wanted` probable; without a curve, the catalogue's `alike`.

        Raises:
            InputError: nothing is ever so probable in this space.
        """
        highest = self.probability(space, object_class, 1.0)
        if highest is None:
            return self.alike.get(space, _UNKNOWN_SPACE)
        found = bands.cosine_for(space, object_class, wanted, _EVEN)
        if found is None:
            raise InputError(
                f"nothing in {space} is ever {wanted} probable, {highest:.2f} at most: "
                "choose a lower least_probability"
            )
        return found


def catalogue_likeness() -> Likeness:
    """The curves that were fitted, and the models catalogue where none was."""
    embeddings = (entry.embedding for entry in load_catalogue().models)
    return Likeness({found.space: found.alike for found in embeddings if found is not None})
