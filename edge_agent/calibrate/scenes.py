"""What the channels show at the moment, and what it costs to get at it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Timer

from edge_agent.config import ChannelSettings
from edge_agent.source import SourceError, open_source, without_secrets
from edge_agent.watching import source_options
from models.bench.pictures import made_picture
from models.preparation import Size
from shared.clock import Clock
from shared.errors import DongseonError
from shared.pictures import Picture

_LOOKED_S = 2.0
_TEST_SIZE = Size(1920, 1080)


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture of a channel, and the part of a core that its stream takes to decode.

    `decoding` is None where it could not be measured; `trouble` says why the channel could not be
    opened, and the picture then is a made-up one.
    """

    channel: str
    picture: Picture
    decoding: float | None
    trouble: str | None = None


def look_at(channel: ChannelSettings, clock: Clock, cpu: Callable[[], float]) -> Scene:
    """A scene of `channel`, or a made-up picture of 1920 x 1080 if it cannot be opened.

    `cpu` counts the seconds that this process has worked.
    """
    try:
        return _seen(channel, clock, cpu)
    except DongseonError as error:
        return Scene(channel.name, made_picture(_TEST_SIZE), None, str(error))


def _seen(channel: ChannelSettings, clock: Clock, cpu: Callable[[], float]) -> Scene:
    options = replace(source_options(channel, clock), realtime=False, loop=False)
    source = open_source(channel.watched, options)
    stop = Event()
    end = Timer(_LOOKED_S, stop.set)
    end.start()
    frame, began = None, cpu()
    try:
        for frame in source.frames(stop):
            if frame.position_s >= _LOOKED_S:
                break
    finally:
        end.cancel()
    if frame is None:
        raise SourceError(
            f"{channel.name}: {without_secrets(channel.watched)} gave no frame in {_LOOKED_S:.0f} s"
        )
    long_enough = frame.position_s >= _LOOKED_S / 2
    decoding = (cpu() - began) / frame.position_s if long_enough else None
    return Scene(channel.name, frame.picture, decoding)
