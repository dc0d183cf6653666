"""Looks at everything a box needs before it is left alone: `dongseon edge check`."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer
from typing import NamedTuple, Protocol

from edge_agent.config import ChannelSettings, EdgeSettings
from edge_agent.loading import load_models
from edge_agent.model_settings import RoleSettings
from edge_agent.outbox.file import lock
from edge_agent.sampling import Sampler
from edge_agent.source import open_source, without_secrets
from edge_agent.uplink.broker import Broker
from edge_agent.watching import source_options
from models.attributes.colour_reader import COLOUR_READERS
from models.site.folder import AlbumFolder
from models.store import ModelStore
from shared.clock import Clock
from shared.errors import DongseonError, StorageError

_CONNECT_S = 5.0
_LOOKED_S = 30.0


class SupportsClose(Protocol):
    """What is held until `close`."""

    def close(self) -> object:
        """Let others have it."""


class Finding(NamedTuple):
    """One thing looked at: what, whether it is well, and what was found."""

    what: str
    good: bool
    found: str


def check(settings: EdgeSettings, clock: Clock) -> Iterator[Finding]:
    """Look at the folders, the models, the broker and each source, one after the other."""
    yield _folder("data folder", settings.box.data_dir, lock)
    if settings.collect is not None:
        yield _folder("[collect] out", settings.collect.out, AlbumFolder)
    yield from _models(settings)
    yield _broker(settings)
    for channel in settings.channels:
        yield from (_source(channel, source, clock) for source in channel.sources)


def _folder(what: str, folder: Path, hold: Callable[[Path], SupportsClose]) -> Finding:
    """Whether `hold` gets `folder` for itself."""
    try:
        hold(folder).close()
    except StorageError as error:
        return Finding(what, good=False, found=str(error))
    return Finding(what, good=True, found=str(folder))


def _models(settings: EdgeSettings) -> Iterator[Finding]:
    """Whether every file is here; then whether each runs as it should, and how."""
    store = ModelStore(settings.models.store)
    chosen = {role.name: role for role in settings.models.roles.values()}
    findings = [_model(store, role) for role in chosen.values()]
    yield from findings
    if not all(finding.good for finding in findings):
        return
    try:
        described = load_models(settings).described
    except DongseonError as error:
        yield Finding("models", good=False, found=str(error))
        return
    for role, label in described.items():
        yield Finding(role, good=True, found=label)


def _model(store: ModelStore, chosen: RoleSettings) -> Finding:
    if chosen.name in COLOUR_READERS:
        return Finding(f"model {chosen.name}", good=True, found="needs no weights")
    try:
        entry = store.catalogue.entry(chosen.name)
        _, precision = entry.resolve(chosen.runtime, chosen.precision)
        path = store.require(entry, precision)
    except DongseonError as error:
        return Finding(f"model {chosen.name}", good=False, found=str(error))
    return Finding(f"model {chosen.name}", good=True, found=str(path))


def _broker(settings: EdgeSettings) -> Finding:
    # The port only: an MQTT client of the box's name would end the running agent's connection.
    uplink = settings.uplink
    try:
        broker = Broker.of(uplink)
        with socket.create_connection((uplink.host, uplink.broker_port), timeout=_CONNECT_S):
            return Finding("broker", good=True, found=f"{broker} answers")
    except DongseonError as error:
        return Finding("broker", good=False, found=str(error))
    except OSError as error:
        return Finding("broker", good=False, found=f"{uplink.host}:{uplink.broker_port}: {error}")


def _source(channel: ChannelSettings, source: str, clock: Clock) -> Finding:
    watched = source == channel.watched
    what = f"channel {channel.name}" if watched else f"channel {channel.name}, main stream"
    options = replace(source_options(channel, clock), sampler=Sampler(None))
    options = options if watched else replace(options, crop=None)
    stop = Event()
    # A covered camera sends pictures without end, and none that shows anything.
    end = Timer(_LOOKED_S, stop.set)
    end.start()
    try:
        frame = next(open_source(source, options).frames(stop), None)
    except DongseonError as error:
        return Finding(what, good=False, found=str(error))
    finally:
        end.cancel()
    if frame is None:
        return Finding(what, good=False, found=f"{without_secrets(source)} shows nothing")
    return Finding(what, good=True, found=f"{frame.width} x {frame.height} pixels")
