"""What was done and why: for people, for programs, and as a line of a card."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from models.quantise.backend import Layer
from models.quantise.judging import Judgement
from models.quantise.search import Limits, Outcome, Tried
from models.quantise.source import Source

_NAMED = 12
"""Layers and files shown on the terminal; JSON has them all."""


@dataclass(frozen=True)
class Kept:
    """A layer that stays as it was, and why."""

    layer: str
    kind: str
    reason: str


@dataclass(frozen=True)
class RuntimeReport:
    """One runtime: what was chosen, or that nothing was within the limit.

    Times are medians for one picture on one core, both networks in turns.
    """

    runtime: str
    precision: str
    plan: str
    judgement: Judgement
    within: bool
    full_ms: float
    int8_ms: float
    ratio: float
    full_bytes: int
    int8_bytes: int
    layers: int
    kept: tuple[Kept, ...]
    tried: tuple[Mapping[str, Any], ...]
    written: tuple[str, ...] = ()

    def line(self) -> str:
        """For a card: what INT8 costs and gains here."""
        lost = ", ".join(
            f"{name} {pair.full:.2f} → {pair.int8:.2f}"
            for name, pair in self.judgement.figures.items()
        )
        near = (
            f"; mean cosine {self.judgement.cosine[0]:.4f}, least {self.judgement.cosine[1]:.4f}"
            if self.judgement.cosine
            else ""
        )
        across = (
            f"; with and without VNNI {self.judgement.across:.4f}"
            if self.judgement.across is not None
            else ""
        )
        return (
            f"{self.precision} ({self.runtime}): {lost} by {self.judgement.by}{near}{across}; "
            f"{self.ratio:.2f} of the time, {self.int8_bytes / self.full_bytes:.2f} of the bytes; "
            f"{len(self.kept)} of {self.layers} layers stay as they were"
        )


@dataclass(frozen=True)
class Report:
    """A quantisation: what was asked, and a report for each runtime."""

    model: str
    source: str
    calibrated_on: int
    damaged: tuple[str, ...]
    limits: Limits
    runtimes: tuple[RuntimeReport, ...]
    name: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Everything."""
        plain = asdict(self)
        for told, runtime in zip(plain["runtimes"], self.runtimes, strict=True):
            told["line"] = runtime.line()
        return plain


def report_runtime(source: Source, outcome: Outcome, layers: Sequence[Layer]) -> RuntimeReport:
    """What came of one runtime's search; where nothing was within the limit, of the least loss."""
    shown = outcome.chosen or min(outcome.tried, key=lambda one: _judged(one).drop)
    files = source.entry.variant(source.precision).files
    return RuntimeReport(
        runtime=shown.candidate.runtime,
        precision=shown.candidate.precision,
        plan=shown.keep.plan,
        judgement=_judged(shown),
        within=outcome.chosen is not None,
        full_ms=round(shown.full_ms, 3),
        int8_ms=round(shown.int8_ms, 3),
        ratio=round(shown.ratio, 3),
        full_bytes=sum(file.bytes for file in files),
        int8_bytes=shown.candidate.bytes,
        layers=len(layers),
        kept=tuple(_kept(shown, outcome, layers)),
        tried=tuple(_trial(one) for one in outcome.tried),
    )


def _judged(tried: Tried) -> Judgement:
    if tried.judgement is None:
        raise ValueError("only what was judged is reported")
    return tried.judgement


def _kept(shown: Tried, outcome: Outcome, layers: Sequence[Layer]) -> list[Kept]:
    kept = []
    for layer in layers:
        if layer.name in shown.keep.layers:
            cost = outcome.costs.get(layer.name, 0.0)
            kept.append(Kept(layer.name, layer.kind, f"alone it would distort by {cost:.5f}"))
        elif layer.grouped and shown.keep.grouped:
            kept.append(Kept(layer.name, layer.kind, "grouped: the network is faster so"))
    return kept


def _trial(tried: Tried) -> dict[str, Any]:
    return {
        "plan": tried.keep.plan,
        "layers_kept": len(tried.keep.layers),
        "drop": round(_judged(tried).drop, 3),
        "ratio": round(tried.ratio, 3),
    }


def show(report: Report) -> None:
    """The report on standard output."""
    console = Console()
    console.print(
        f"{report.model} from {report.source}, calibrated on {report.calibrated_on} pictures",
        highlight=False,
        soft_wrap=True,
    )
    table = Table("", *(runtime.precision for runtime in report.runtimes))
    for name, values in _rows(report.runtimes).items():
        table.add_row(name, *values)
    console.print(table)
    for runtime in report.runtimes:
        _show_kept(console, runtime)
    for name in report.damaged[:_NAMED]:
        console.print(f"left out: {name}", highlight=False, markup=False, soft_wrap=True)


def _rows(runtimes: Sequence[RuntimeReport]) -> dict[str, list[str]]:
    def row(tell: Any) -> list[str]:  # noqa: ANN401 - a lambda on a RuntimeReport
        return [str(tell(runtime)) for runtime in runtimes]

    judged_by = row(lambda one: one.judgement.by)
    return {
        "runtime": row(lambda one: one.runtime),
        "within the limit": row(lambda one: "yes" if one.within else "[red]no: not written[/]"),
        "quantised": row(lambda one: one.plan),
        "layers kept": row(lambda one: f"{len(one.kept)} of {one.layers}"),
        "judged by": judged_by,
        "figures": row(_figures),
        "points lost": row(lambda one: f"{one.judgement.drop:.2f}"),
        "cosine mean, least": row(lambda one: _numbers(one.judgement.cosine)),
        "with and without VNNI": row(
            lambda one: _numbers(None if one.judgement.across is None else (one.judgement.across,))
        ),
        "ms before, now": row(lambda one: f"{one.full_ms:.2f}, {one.int8_ms:.2f}"),
        "part of the time": row(lambda one: f"{one.ratio:.2f}"),
        "kB before, now": row(
            lambda one: f"{one.full_bytes / 1000:.0f}, {one.int8_bytes / 1000:.0f}"
        ),
    }


def _figures(runtime: RuntimeReport) -> str:
    return "\n".join(
        f"{name} {pair.full:.2f} → {pair.int8:.2f}"
        for name, pair in runtime.judgement.figures.items()
    )


def _numbers(values: Sequence[float] | None) -> str:
    return ", ".join(f"{value:.4f}" for value in values) if values else "-"


def _show_kept(console: Console, runtime: RuntimeReport) -> None:
    for kept in runtime.kept[:_NAMED]:
        console.print(
            f"{runtime.precision} keeps {kept.layer} ({kept.kind}): {kept.reason}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    if len(runtime.kept) > _NAMED:
        console.print(f"... and {len(runtime.kept) - _NAMED} more", highlight=False)
