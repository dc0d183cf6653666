"""Attributes read by a network of the catalogue."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.attributes.colour_names import name_colour
from models.attributes.reading import Likelihoods, Reading
from models.attributes.regions import around, pixels_of
from models.catalogue import ImageInput
from models.catalogue_outputs import AttributesOutput, Choice, Flag
from models.errors import ModelError
from models.preparation import Size, prepare
from models.runtimes.port import Network, Output
from shared.pictures import Picture

_POINT = 2
_TOLERANCE = 1e-3
"""By how much a probability of half precision may be outside 0 to 1."""


class NetworkAttributeReader:
    """Reads with one model of the catalogue; every thread may call it."""

    def __init__(
        self, image: ImageInput, output: AttributesOutput, network: Network, label: str
    ) -> None:
        self.object_class = output.object_class
        self._input = image
        self._output = output
        self._network = network
        self._label = label
        self._posteriors = {choice.output: _posterior(choice) for choice in output.choices}

    def describe(self) -> str:
        """`name@version runtime/device/precision` as it really runs, e.g. `openvino/CPU/int8`."""
        return self._label

    def read(self, crops: Sequence[Picture]) -> list[Reading]:
        """What each crop (H x W x 3, BGR, uint8) shows, by attribute.

        Raises:
            PictureError: a crop has no pixels or another layout.
            ModelError: the network gave what no network may give.
        """
        return [dict(self._read(crop)) for crop in crops]

    def _read(self, crop: Picture) -> Iterator[tuple[str, Likelihoods]]:
        size = Size(self._input.width, self._input.height)
        tensor = prepare(crop, self._input, size).tensor[None]
        outputs = self._network.infer({self._input.name: tensor})
        if self._output.flags_output is not None:
            flags = self._probabilities(outputs, self._output.flags_output)
            yield from (self._flag(flags, flag) for flag in self._output.flags)
        for choice in self._output.choices:
            yield choice.attribute, self._choose(outputs, choice)
        for attribute, name in self._output.colour_points.items():
            yield attribute, self._colour(crop, outputs[name].ravel())

    def _flag(self, flags: NDArray[np.float64], flag: Flag) -> tuple[str, Likelihoods]:
        if flag.index >= len(flags):
            raise ModelError(f"{self._label}: {len(flags)} flags, and number {flag.index} is asked")
        surplus = float(flags[flag.index]) - 0.5
        # Right as often as that answer is, whatever the network believes of itself.
        likely = 0.5 + surplus * (2 * (flag.yes_right if surplus > 0 else flag.no_right) - 1)
        return flag.attribute, {flag.yes: likely, flag.no: 1 - likely}

    def _choose(self, outputs: Mapping[str, Output], choice: Choice) -> Likelihoods:
        said = self._probabilities(outputs, choice.output)
        if len(said) != len(choice.values) or not said.sum():
            raise ModelError(f"{self._label}: {choice.output} is {said}; expected {choice.values}")
        likely = self._posteriors[choice.output] @ (said / said.sum())
        return dict(zip(choice.values, (float(value) for value in likely), strict=True))

    def _probabilities(self, outputs: Mapping[str, Output], name: str) -> NDArray[np.float64]:
        found = np.asarray(outputs[name], dtype=np.float64).ravel()
        if not ((found >= -_TOLERANCE) & (found <= 1 + _TOLERANCE)).all():
            raise ModelError(f"{self._label}: {name} is {found}: no probabilities")
        return found.clip(0, 1)

    def _colour(self, crop: Picture, point: Output) -> Likelihoods:
        if len(point) != _POINT or not np.isfinite(point).all():
            raise ModelError(f"{self._label}: a colour is looked for at {point}")
        return name_colour(pixels_of(crop, around(float(point[0]), float(point[1]))))


def _posterior(choice: Choice) -> NDArray[np.float64]:
    """How likely each value (row) is where the network says another (column).

    From the confusion by Bayes' rule, every value as likely beforehand: what is common differs
    from street to street.
    """
    said_of = np.array(choice.confusion)
    said_of /= said_of.sum(axis=1, keepdims=True)
    return np.asarray(said_of / said_of.sum(axis=0, keepdims=True), dtype=np.float64)
