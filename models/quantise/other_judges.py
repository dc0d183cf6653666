"""Judges of tasks without a measure of their own here: by the outputs, or by what is read."""

import numpy as np
from numpy.typing import NDArray

from models.catalogue import RuntimeName
from models.evaluation.plates import evaluate_plates
from models.evaluation.plates_data import PlateSet
from models.plates.reader import NetworkPlateReader
from models.preparation import prepare
from models.quantise.judging import FEW, Judgement, Pair
from models.quantise.pictures import Gathered
from models.quantise.source import Candidate, Source
from models.roles import LoadOptions, load_network_plate_reader


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
        full = self._load(source.options(runtime))
        self._read = [one.text for one in full.read_cuts(self._cuts)]
        if self._truth:
            self._exact = evaluate_plates(full.read_cuts, self._truth).exact

    def judge(self, candidate: Candidate) -> Judgement:
        """See `Judge.judge`."""
        reader = self._load(candidate.options(self._entry))
        cosine = self._outputs.judge(candidate).cosine
        if self._truth is not None:
            found = evaluate_plates(reader.read_cuts, self._truth)
            figures = {"exact": Pair(self._exact, found.exact)}
            return Judgement(f"{found.plates} plates", figures, cosine)
        same = [
            one.text == before
            for one, before in zip(reader.read_cuts(self._cuts), self._read, strict=True)
        ]
        figures = {"read as before": Pair(100.0, 100.0 * float(np.mean(same)))}
        return Judgement(f"what was read before on {len(same)} pictures", figures, cosine)

    def distortion(self, candidate: Candidate) -> float:
        """See `Judge.distortion`: that of the outputs."""
        return self._outputs.distortion(candidate)

    def _load(self, options: LoadOptions) -> NetworkPlateReader:
        return load_network_plate_reader(self._entry.name, None, options)


def _cosine(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    flat, others = one.astype(np.float64).ravel(), other.astype(np.float64).ravel()
    norm = float(np.linalg.norm(flat) * np.linalg.norm(others))
    return float(flat @ others) / norm if norm else float(np.array_equal(flat, others))
