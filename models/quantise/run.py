"""One quantisation from the command line: pictures, runtimes, search, files, report."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.catalogue import Entry, RuntimeName
from models.errors import ModelError
from models.quantise.backend import Work, make_backend
from models.quantise.judges import make_judge
from models.quantise.pictures import Ask, Gathered, gather
from models.quantise.publish import publish_beside, publish_locally
from models.quantise.report import Report, RuntimeReport, report_runtime
from models.quantise.search import Limits, Outcome, Search, Tell
from models.quantise.source import Candidate, Source, find_source
from models.quantise.timing import latencies
from models.store import LOCAL, ModelStore
from shared.errors import ConfigError


@dataclass(frozen=True)
class Wish:
    """What to quantise and where to put it.

    Attributes:
        model: of the catalogue.
        ask: the pictures.
        limits: what may be lost.
        runtimes: all that the network's file allows, unless given.
        out: a folder; a model of this machine's store unless given.
        beside: put the files beside weights that come with the project instead.
    """

    model: str
    ask: Ask
    limits: Limits = field(default_factory=Limits)
    runtimes: tuple[RuntimeName, ...] = ()
    out: Path | None = None
    beside: bool = False


_Chosen = list[tuple[Candidate, RuntimeReport]]


def quantise(wish: Wish, store: ModelStore, tell: Tell) -> Report:
    """Quantise as `wish` says; what is within the limit is written, and told in the report.

    Raises:
        ConfigError: the pictures are not there, too few, or wrongly labelled; `out` and `beside`.
        ModelError: the model is none, wrong, or damaged, or cannot be quantised.
        DependencyMissing: its weights or a library are not here.
        StorageError: the files cannot be written.
    """
    source = find_source(store, wish.model)
    if wish.beside and (wish.out is not None or not source.entry.shipped):
        raise ConfigError(
            "--publish puts files beside weights that come with the project: leave it out for "
            f"{wish.model}, or leave out --out"
        )
    runtimes = _runtimes(source, wish.runtimes)
    seen = gather(source.entry, wish.ask)
    for runtime in runtimes:
        source.check(runtime, seen.tensors[0])
    reports: list[RuntimeReport] = []
    chosen: _Chosen = []
    with tempfile.TemporaryDirectory(prefix="dongseon-quantise-") as folder:
        for runtime in runtimes:
            outcome, report = _one(source, runtime, seen, (wish.limits, Path(folder), tell))
            if outcome.chosen is not None:
                chosen.append((outcome.chosen.candidate, report))
            reports.append(report)
        entry = _published(source, wish, chosen) if chosen else None
    return Report(
        model=source.entry.name,
        source=source.precision,
        calibrated_on=len(seen.tensors),
        damaged=seen.damaged,
        limits=wish.limits,
        runtimes=tuple(_written(report, entry) for report in reports),
        name=entry.name if entry else None,
    )


def _runtimes(source: Source, asked: Sequence[RuntimeName]) -> tuple[RuntimeName, ...]:
    able = source.runtimes if source.is_onnx else ("openvino",)
    if wrong := [name for name in asked if name not in able]:
        raise ModelError(
            f"{source.path} cannot be quantised for {', '.join(wrong)}: it runs on "
            f"{', '.join(able)}"
        )
    return tuple(asked) or tuple(able)


def _one(
    source: Source, runtime: RuntimeName, seen: Gathered, how: tuple[Limits, Path, Tell]
) -> tuple[Outcome, RuntimeReport]:
    limits, folder, tell = how
    backend = make_backend(runtime, Work(source, seen.tensors, folder))
    search = Search(
        backend, make_judge(source, runtime, seen), _timer(source, runtime, seen), limits, tell
    )
    outcome = search.run()
    return outcome, report_runtime(source, outcome, backend.layers)


def _timer(
    source: Source, runtime: RuntimeName, seen: Gathered
) -> Callable[[Sequence[Candidate]], tuple[float, list[float]]]:
    full = source.network(runtime)

    def time(candidates: Sequence[Candidate]) -> tuple[float, list[float]]:
        networks = [one.network(source.entry) for one in candidates]
        first, *others = latencies([full, *networks], source.entry.input.name, seen.tensors[0])
        return first, others

    return time


def _published(source: Source, wish: Wish, chosen: _Chosen) -> Entry:
    if wish.beside:
        return publish_beside(source, chosen)
    folder = wish.out or source.store.root / LOCAL / f"{source.entry.name}-int8"
    return publish_locally(source, chosen, folder)


def _written(report: RuntimeReport, entry: Entry | None) -> RuntimeReport:
    if entry is None or not report.within:
        return report
    files = entry.variants[report.precision].files
    return replace(report, written=tuple(file.path for file in files))
