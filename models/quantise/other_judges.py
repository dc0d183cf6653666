"""Judges of tasks without a measure of their own here: by the outputs, or by what is read."""

import numpy as np
from numpy.typing import NDArray

from models.catalogue import RuntimeName
from models.errors import ModelError
from models.evaluation.plates import Read, evaluate_plates
from models.evaluation.plates_data import PlateSet
from models.plates.reader import NetworkPlateReader, Reading
from models.plates.reading import PlateReading
from models.preparation import prepare
from models.quantise.judging import FEW, Judgement, Pair
from models.quantise.pictures import Gathered
from models.quantise.source import Candidate, Source
from models.runtimes.port import Network
from shared.geometry import Rect
from shared.pictures import Picture


class OutputsJudge:
    """By the outputs themselves, for tasks without a measure of their own here."""

    def __init__(self, source: Source, runtime: RuntimeName, seen: Gathered) -> None:
        self._entry = source.entry
        network = source.network(runtime)
        self._inputs = [
            prepare(picture, self._entry.input, source.native).tensor[None]
            for picture in seen.held_out
        ]
        self._outputs = [network.infer({self._entry.input.name: one}) for one in self._inputs]

    def judge(self, candidate: Candidate) -> Judgement:
        """See `Judge.judge`."""
        near = self._near(candidate, len(self._inputs))
        cosine = (float(near.mean()), float(near.min()))
        by = f"outputs for {len(near)} pictures"
        return Judgement(by, {"mean cosine": Pair(100.0, 100.0 * cosine[0])}, cosine)

    def distortion(self, candidate: Candidate) -> float:
        """See `Judge.distortion`: one minus the mean cosine."""
        return 1.0 - float(self._near(candidate, FEW, exact=True).mean())

    def _near(
        self, candidate: Candidate, count: int, *, exact: bool = False
    ) -> NDArray[np.float64]:
        """The least cosine of any output, for each of the first `count` pictures."""
        network = candidate.network(self._entry, exact=exact)
        near = []
        for one, full in zip(self._inputs[:count], self._outputs, strict=False):
            found = network.infer({self._entry.input.name: one})
            near.append(min(_cosine(full[name], found[name]) for name in full))
        return np.array(near)


class PlateJudge:
    """By the numbers on plates where they are known, else by what was read before."""

    def __init__(self, source: Source, runtime: RuntimeName, seen: Gathered) -> None:
        self._entry = source.entry
        self._outputs = OutputsJudge(source, runtime, seen)
        self._cuts = seen.held_out
        self._truth = seen.truth if isinstance(seen.truth, PlateSet) else None
        full = self._reads(source.network(runtime))
        self._said = [_text(one) for one in full(self._cuts)]
        if self._truth:
            self._exact = evaluate_plates(full, self._truth).exact

    def judge(self, candidate: Candidate) -> Judgement:
        """See `Judge.judge`."""
        read = self._reads(candidate.network(self._entry))
        cosine = self._outputs.judge(candidate).cosine
        if self._truth is not None:
            found = evaluate_plates(read, self._truth)
            figures = {"exact": Pair(self._exact, found.exact)}
            return Judgement(f"{found.plates} plates", figures, cosine)
        again = [_text(one) for one in read(self._cuts)]
        same = [text == before for text, before in zip(again, self._said, strict=True)]
        figures = {"read as before": Pair(100.0, 100.0 * float(np.mean(same)))}
        return Judgement(f"what was read before on {len(same)} pictures", figures, cosine)

    def distortion(self, candidate: Candidate) -> float:
        """See `Judge.distortion`: that of the outputs."""
        return self._outputs.distortion(candidate)

    def _reads(self, network: Network) -> Read:
        """Reads plates that are cut already, one at a time."""
        output = self._entry.plate_reading
        if output is None:
            raise ModelError(f"{self._entry.name} is for {self._entry.task}; it reads no plates")
        reader = NetworkPlateReader(
            Reading(self._entry.input, output, network), _Nowhere(), self._entry.name
        )
        return lambda cuts: [reader.read_cuts([cut])[0] for cut in cuts]


class _Nowhere:
    """Finds no plate: the pictures are plates."""

    def find(self, picture: Picture) -> list[Rect]:
        """None."""
        del picture
        return []

    def describe(self) -> str:
        """Its name."""
        return "none"


def _text(read: PlateReading | None) -> str:
    return read.text if read else ""


def _cosine(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    flat, others = one.astype(np.float64).ravel(), other.astype(np.float64).ravel()
    norm = float(np.linalg.norm(flat) * np.linalg.norm(others))
    return float(flat @ others) / norm if norm else float(np.array_equal(flat, others))
