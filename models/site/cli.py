"""`dongseon models collect`, `purge` and `adapt`: learning from a site's own cameras."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from models.site.settings import MaskKind
from models.site.wish import KEEP, Wish
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.errors import ConfigError, DependencyMissing

_TEACHER = "person-vehicle-bike-detection-2003"
_MIB = 1024 * 1024
NOT_BETTER = 3
"""Exit code of an adaptation that was refused: what was made is not better."""

StoreOption = Annotated[Path | None, typer.Option("--store", help="Where the weights are kept.")]


def collect(  # noqa: PLR0913 - a command's options
    sources: Annotated[list[str], typer.Argument(help="Videos, folders of pictures, rtsp://…")],
    out: Annotated[Path, typer.Option(help="The folder to collect into.")],
    *,
    quota_mib: Annotated[int, typer.Option(min=1, help="What the folder may take.")] = 1024,
    mask: Annotated[
        MaskKind, typer.Option(help="What is made unrecognisable before it is written.")
    ] = "faces",
    keep_days: Annotated[int, typer.Option(min=1, help="Frames kept longer ago go.")] = 30,
    every: Annotated[float, typer.Option(help="Seconds of a source, one frame at most.")] = 10.0,
    random: Annotated[float, typer.Option(min=0, max=1, help="Share chosen by chance.")] = 0.1,
    fps: Annotated[float, typer.Option(min=0.1, help="Frames looked at, a second.")] = 5.0,
    detector: Annotated[
        str, typer.Option(help="A detector of the catalogue.")
    ] = "starter-detector",
    threads: Annotated[int, typer.Option(min=1, help="Cores to use.")] = 1,
    store: StoreOption = None,
) -> None:
    """Keep the frames that a detector finds hard, masked, within a quota."""
    # Here and below: other commands need neither networks nor pictures.
    from models.site import collecting  # noqa: PLC0415
    from models.site.settings import CollectSettings  # noqa: PLC0415

    settings = CollectSettings(
        out=out, quota_mib=quota_mib, mask=mask, keep_days=keep_days, every_s=every, random=random
    )
    here, clock, console = ModelStore(store), SystemClock(), Console(stderr=True)
    loaded, decision = collecting.load_weak_detector(detector, here, threads)
    masker = collecting.load_masker(mask, here, console.print)
    with collecting.opened(settings, loaded, decision, masker, clock) as collector:
        seen = collecting.collect(sources, fps, collector, loaded, clock, console.print)
    Console().print(
        f"{seen.kept} of {seen.frames} frames kept; {out} holds {seen.stored} "
        f"in {seen.disk_bytes / _MIB:.0f} of {quota_mib} MiB",
        highlight=False,
        soft_wrap=True,
    )


def purge(
    folder: Annotated[Path, typer.Argument(help="A folder that was collected into.")],
    *,
    keep_days: Annotated[int, typer.Option(min=0, help="Delete what is older; 0: all.")] = 30,
) -> None:
    """Delete collected frames that are older than so many days."""
    from models.site.album import Album  # noqa: PLC0415
    from models.site.layout import read_limits  # noqa: PLC0415

    album = Album(folder, read_limits(folder), SystemClock(), np.random.default_rng())
    try:
        gone = album.purge(keep_days)
    finally:
        album.close()
    Console().print(f"{gone} frames deleted, {len(album)} left", highlight=False)


def adapt(  # noqa: PLR0913 - a command's options
    frames: Annotated[Path, typer.Option(help="A folder that was collected into.")],
    out: Annotated[Path, typer.Option(help="A folder for labels, checkpoint and report.")],
    *,
    teacher: Annotated[
        list[str] | None, typer.Option(help="A strong detector; may be given twice.")
    ] = None,
    held_out: Annotated[
        str, typer.Option(help="A labelled set (images/, labels/), or a share of the frames' time.")
    ] = "0.25",
    minutes: Annotated[float, typer.Option(min=0, help="Of training, by the clock.")] = 20.0,
    base: Annotated[str, typer.Option(help="The detector to go on from.")] = "starter-detector",
    name: Annotated[
        str | None, typer.Option(help="Of the new model; BASE-site unless given.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="A trainer's pack.zip: what must not be forgotten.")
    ] = None,
    classes: Annotated[
        str, typer.Option(help="How a labelled set numbers: coco, dongseon, or names.")
    ] = "dongseon",
    needed: Annotated[
        str, typer.Option(help="Classes this site needs; the new model gives no others.")
    ] = ",".join(ObjectClass),
    keep: Annotated[float, typer.Option(min=0, max=1, help="Part of the old weights kept.")] = KEEP,
    pixels: Annotated[int, typer.Option(min=1, help="What teachers look at.")] = 864 * 480,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where it was cut off.")] = False,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    seed: Annotated[int, typer.Option(help="Of split and batches.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="Cores to use.")] = 1,
    store: StoreOption = None,
) -> None:
    """Teach the starter detector a site; deploy it if it is better there (else exit code 3)."""
    labelled, share = _held_out(held_out)
    wish = Wish(
        frames=frames,
        out=out,
        base=base,
        name=name or f"{base}-site",
        minutes=minutes,
        keep=keep,
        needed=_classes(needed),
        held_out=labelled,
        share=share,
        classes=classes,
        replay=replay,
        seed=seed,
        device=device,
        threads=threads,
        resume=resume,
    )
    _adapt(wish, teacher or [_TEACHER], pixels, ModelStore(store))


def _adapt(wish: Wish, names: list[str], pixels: int, store: ModelStore) -> None:
    """Adapt, and tell how it went.

    Raises:
        Exit: with `NOT_BETTER`, where nothing was deployed.
    """
    with _training():
        from models.site.adapt import adapt as run  # noqa: PLC0415
        from models.site.teaching import load_site_teachers  # noqa: PLC0415

    console = Console()

    def tell(line: str) -> None:
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    outcome = run(wish, store, load_site_teachers(names, store, pixels, wish.threads), tell)
    tell(f"judged on {outcome.hold_out}")
    for kind, change in outcome.verdict.classes.items():
        tell(f"  {kind}: AP50 {change.before:.1f} → {change.after:.1f}")
    if outcome.deployed is None:
        tell(f"not better: {outcome.reason()}; nothing is deployed, {wish.base} stays")
        raise typer.Exit(NOT_BETTER)
    tell(f"better: {outcome.reason()}")
    tell(f"deployed to {outcome.deployed}; name {wish.name} in the box's [models]")


def _classes(text: str) -> tuple[ObjectClass, ...]:
    try:
        return tuple(ObjectClass(name.strip()) for name in text.split(","))
    except ValueError as error:
        raise ConfigError(f"--needed {text}: {error}; there is {', '.join(ObjectClass)}") from error


def _held_out(text: str) -> tuple[Path | None, float]:
    """A labelled set, or a share of the frames."""
    try:
        share = float(text)
    except ValueError:
        return Path(text), 0.0
    if not 0 < share < 1:
        raise ConfigError(f"--held-out {text}: a share between 0 and 1, or a folder")
    return None, share


@contextmanager
def _training() -> Iterator[None]:
    """What fails to import here is an extra that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "models":
            raise
        raise DependencyMissing(
            f"adapting needs {error.name}, which is not installed: pip install dongseon[train]"
        ) from error
