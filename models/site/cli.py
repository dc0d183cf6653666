"""`dongseon models collect`, `purge` and `adapt`: learning from a site's own cameras."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from models.site.settings import MaskKind
from models.store import ModelStore
from shared.clock import SystemClock

_MIB = 1024 * 1024

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
    from models.site.album import Album, read_limits  # noqa: PLC0415

    album = Album(folder, read_limits(folder), SystemClock(), np.random.default_rng())
    try:
        gone = album.purge(keep_days)
    finally:
        album.close()
    Console().print(f"{gone} frames deleted, {len(album)} left", highlight=False)
