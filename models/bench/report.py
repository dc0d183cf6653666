"""What was measured, for people."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Column, Table

from models.bench.agreement import Agreement
from models.bench.timing import Measured, Timing

_COLUMNS = (
    "model",
    "runtime",
    "file",
    "computes",
    "cores",
    "batch",
    "p50 ms",
    "p90 ms",
    "CPU ms",
    "of f32",
)

_WIDE = 160
"""Characters, where no terminal says how many there is room for."""


def show(measured: Measured, console: Console) -> None:
    """Print the processor, a row for each timing, and once each what this machine cannot do."""
    processor = measured.processor
    has = ", ".join(processor.instructions) or "none that is known"
    console.print(f"{processor.name}, {processor.cores} cores: {has}", highlight=False)
    table = Table(*(Column(name, no_wrap=True) for name in _COLUMNS))
    for timing in measured.timings:
        table.add_row(*_row(timing))
    _print(table, console)
    lines = [
        f"{case.model} {case.file} on {case.runtime} in {case.computes}: {case.reason}"
        for case in measured.missing
    ]
    for line in dict.fromkeys(lines):
        console.print(f"not here: {line}", highlight=False, markup=False, soft_wrap=True)


def show_agreements(found: Sequence[Agreement], console: Console) -> None:
    """Print how the model runs here, and a row for each comparison."""
    if found:
        console.print(found[0].what, highlight=False, soft_wrap=True)
    columns = ("against", "pictures", "mean", "least", "greatest difference")
    table = Table(*(Column(name, no_wrap=True) for name in columns))
    for each in found:
        figures = (f"{value:.5f}" for value in (each.mean, each.least, each.greatest))
        table.add_row(each.against.partition(" ")[2], str(each.pictures), *figures)
    _print(table, console)


def _print(table: Table, console: Console) -> None:
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)


def _row(timing: Timing) -> list[str]:
    ratio = "" if timing.against_f32 is None else f"{timing.against_f32:.2f}"
    names = (timing.model, timing.runtime, timing.file, timing.computes)
    times = (f"{ms:.2f}" for ms in (timing.p50_ms, timing.p90_ms, timing.cpu_ms))
    return [*names, str(timing.threads), str(timing.batch), *times, ratio]
