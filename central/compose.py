"""The centre's parts, put together from the settings."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from sqlalchemy import Engine

from central.clips.dispatch import Dispatch, DispatchParts
from central.clips.store import ClipStore
from central.crops.store import CropStore
from central.index.flat.index import OPEN_PARTS, FlatIndex
from central.index.port import VectorIndex
from central.index.standing import StandingIndex
from central.ingest import subscription
from central.ingest.broker import BrokerAddress
from central.ingest.consumer import Consumer
from central.ingest.metrics import IngestMetrics
from central.ingest.service import Ingest, IngestParts
from central.ingest.subscription import Subscription
from central.ingest.suspects import Suspects
from central.ingest.writer import BatchWriter
from central.settings import CentralSettings
from central.upkeep import Upkeep
from models.catalogue import load_catalogue
from shared.clock import Clock
from shared.topics import Lane


def open_index(settings: CentralSettings) -> VectorIndex:
    """The vector index the settings name; one that is away is opened when it can be.

    Raises:
        StorageError: another process has it.
    """
    return StandingIndex(lambda: _open_index(settings))


def _open_index(settings: CentralSettings) -> VectorIndex:
    # Imported here, because the default does without: the client alone takes a second.
    if settings.index == "server":
        from qdrant_client import QdrantClient  # noqa: PLC0415

        from central.index.qdrant_server import QdrantServerIndex  # noqa: PLC0415

        return QdrantServerIndex(QdrantClient(url=settings.qdrant_url), settings.qdrant_prefix)
    if settings.index == "edge":
        from central.index.qdrant_edge import QdrantEdgeIndex  # noqa: PLC0415

        return QdrantEdgeIndex(settings.index_dir, threads=settings.search_threads)
    # Two spaces a day, and as much again for days that are late or kept longer.
    parts = max(OPEN_PARTS, 4 * settings.retention_days)
    return FlatIndex(settings.index_dir, threads=settings.search_threads, open_parts=parts)


def broker_address(settings: CentralSettings, client_id: str) -> BrokerAddress:
    """The broker the settings name, to be spoken to as `client_id`."""
    return BrokerAddress(
        host=settings.broker_host,
        port=settings.broker_port,
        client_id=client_id,
        username=settings.broker_username,
        password=settings.broker_password,
        ca=settings.broker_ca,
        cert=settings.broker_cert,
        key=settings.broker_key,
    )


@dataclass(frozen=True)
class Intake:
    """What every ingest of a process shares, whichever messages it takes.

    `suspects` outlives an ingest that died, so that the next one knows what it had in hand.
    """

    settings: CentralSettings
    writer: BatchWriter
    metrics: IngestMetrics
    clock: Clock
    suspects: Suspects = field(default_factory=Suspects)

    def make(self, client_id: str, wanted: Subscription) -> Ingest:
        """Ingest with a connection of its own, not started."""
        settings = self.settings
        address = broker_address(settings, client_id)
        consumer = Consumer(address, self.clock, settings.ingest_window, wanted)
        self.metrics.connected.set_function(lambda: float(consumer.connected))
        return Ingest(
            IngestParts(
                consumer=consumer,
                writer=self.writer,
                dimensions=dimensions,
                metrics=self.metrics,
                clock=self.clock,
                suspects=self.suspects,
                batch=settings.ingest_batch,
            )
        )


def make_dispatch(settings: CentralSettings, engine: Engine, clock: Clock) -> Dispatch:
    """What asks boxes for clips, with a connection of its own, not started."""
    address = broker_address(settings, f"{settings.ingest_client_id}-clips")
    return Dispatch(
        DispatchParts(
            engine=engine,
            store=ClipStore(settings.clips_dir),
            consumer=Consumer(
                address, clock, settings.ingest_window, subscription.plain(Lane.REPLY)
            ),
            clock=clock,
            upload_url=settings.clips_from,
            max_bytes=settings.clip_max_bytes,
            patience=timedelta(hours=settings.clip_patience_h),
        )
    )


def make_upkeep(
    settings: CentralSettings, engine: Engine, crops: CropStore, clock: Clock
) -> Upkeep:
    """What looks after crops that wait and clips that are old, not started."""
    kept = timedelta(days=settings.clips_days)
    return Upkeep(engine, crops, ClipStore(settings.clips_dir), clock, kept)


@cache
def dimensions(space: str) -> int:
    """The length of the vectors of `space`, from the models catalogue.

    Raises:
        ModelError: the catalogue has no such space.
    """
    return load_catalogue().space(space).dimensions
