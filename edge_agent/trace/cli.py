"""`dongseon edge track`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edge_agent.loading import load_options
from edge_agent.model_settings import EMBEDDERS, OFF, ModelSettings
from edge_agent.trace.following import Follower, Tell
from edge_agent.trace.motchallenge import write_mot
from edge_agent.trace.overlay import write_overlay
from edge_agent.tracker import TrackerSettings
from edge_agent.tracklet import TrackletPolicy
from models.roles import LoadOptions, load_detector, load_embedder
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.errors import ConfigError, StorageError

_SIZE = re.compile(r"([1-9]\d{0,3})x([1-9]\d{0,3})")


def track(  # noqa: PLR0913 - a command's options
    video: Annotated[str, typer.Argument(help="A clip, or a folder of pictures.")],
    mot: Annotated[Path, typer.Option("--mot", help="The tracks, in MOTChallenge's layout.")],
    overlay: Annotated[Path | None, typer.Option(help="The clip with the tracks in it.")] = None,
    *,
    model: Annotated[str | None, typer.Option(help="The detector.")] = None,
    embedder: Annotated[str | None, typer.Option(help="What knows them again.")] = None,
    shows: Annotated[ObjectClass, typer.Option("--class", help="What to follow.")] = (
        ObjectClass.PERSON
    ),
    fps: Annotated[
        float, typer.Option(min=0.1, max=60, help="Frames looked at, a second; a box's is 5.")
    ] = 10.0,
    min_size: Annotated[
        str, typer.Option(help="Smallest object that is known again when its track broke.")
    ] = "20x48",
    store: Annotated[Path | None, typer.Option(help="Folder of the weights.")] = None,
) -> None:
    """Write who was where in each frame of a clip, as a box follows them.

    Frames that were not looked at, and gaps up to two seconds, are filled in.
    """
    width, height = _size(min_size)
    for path in (mot, overlay):
        _check_writable(path)
    policy = TrackletPolicy(min_width=width, min_height=height)
    follower = _follower(_models(shows, model, embedder, store), shows, fps, policy)
    clock, console = SystemClock(), Console(stderr=True)
    with _progress(console, "following") as tell:
        places = follower.follow(video, clock, tell)
    write_mot(mot, places)
    objects = len({place.number for place in places})
    console.print(f"{mot}: {objects} tracks, {len(places)} boxes", soft_wrap=True)
    if overlay is not None:
        with _progress(console, "drawing") as tell:
            write_overlay(video, places, overlay, clock, tell)
        console.print(str(overlay), soft_wrap=True)


def _models(
    shows: ObjectClass, model: str | None, embedder: str | None, store: Path | None
) -> ModelSettings:
    """The box's own, but for what is named."""
    named = {"detector": model, EMBEDDERS[shows]: embedder, "store": store}
    chosen = {role: name for role, name in named.items() if name is not None}
    if embedder == OFF:
        raise ConfigError(f"--embedder {OFF}: joins need one; name a model, or leave it out")
    return ModelSettings.model_validate(chosen)


def _follower(
    models: ModelSettings, shows: ObjectClass, fps: float, policy: TrackletPolicy
) -> Follower:
    score = models.score or TrackerSettings().low
    common = LoadOptions(store=ModelStore(models.store), score=score)
    detector, embedder = models.roles["detector"], models.roles[EMBEDDERS[shows]]
    return Follower(
        load_detector(detector.name, load_options(detector, common)),
        {shows: load_embedder(embedder.name, load_options(embedder, common))},
        fps,
        policy,
    )


def _size(text: str) -> tuple[int, int]:
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ConfigError(f"--min-size {text}: write width and height in pixels, as in 20x48")
    return int(found[1]), int(found[2])


def _check_writable(path: Path | None) -> None:
    """Fail before the work, not after it."""
    if path is None:
        return
    try:
        path.open("ab").close()
    except OSError as error:
        raise StorageError(
            f"{path}: {error.strerror}; name a file in a folder that can be written"
        ) from error


@contextmanager
def _progress(console: Console, what: str) -> Iterator[Tell]:
    with Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
