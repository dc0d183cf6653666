"""The centre's parts, put together from the settings."""

from datetime import timedelta

from sqlalchemy import Engine

from central.clips.dispatch import Dispatch, DispatchParts
from central.clips.store import ClipStore
from central.crops.store import CropStore
from central.index.port import VectorIndex
from central.index.qdrant_edge import QdrantEdgeIndex
from central.ingest.consumer import BrokerAddress, Consumer
from central.ingest.metrics import IngestMetrics
from central.ingest.service import Ingest, IngestParts
from central.ingest.suspects import Suspects
from central.ingest.writer import BatchWriter
from central.settings import CentralSettings
from central.upkeep import Upkeep
from models.catalogue import load_catalogue
from shared.clock import Clock
from shared.topics import Lane


def open_index(settings: CentralSettings) -> VectorIndex:
    """The vector index the settings name.

    Raises:
        StorageError: it cannot be opened, or another process has it.
    """
    if settings.index == "server":
        # Here, because the client takes a second to import and the default does without.
        from qdrant_client import QdrantClient  # noqa: PLC0415

        from central.index.qdrant_server import QdrantServerIndex  # noqa: PLC0415

        return QdrantServerIndex(QdrantClient(url=settings.qdrant_url), settings.qdrant_prefix)
    return QdrantEdgeIndex(settings.index_dir, threads=settings.search_threads)


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


def make_ingest(
    settings: CentralSettings,
    writer: BatchWriter,
    metrics: IngestMetrics,
    clock: Clock,
    suspects: Suspects,
) -> Ingest:
    """Ingest with a connection of its own, not started."""
    address = broker_address(settings, settings.ingest_client_id)
    consumer = Consumer(address, clock, settings.ingest_window)
    metrics.connected.set_function(lambda: float(consumer.connected))
    return Ingest(
        IngestParts(
            consumer=consumer,
            writer=writer,
            dimensions=dimensions,
            metrics=metrics,
            clock=clock,
            suspects=suspects,
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
            consumer=Consumer(address, clock, settings.ingest_window, (Lane.REPLY,)),
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


def dimensions(space: str) -> int:
    """The length of the vectors of `space`, from the models catalogue.

    Raises:
        ModelError: the catalogue has no such space.
    """
    return load_catalogue().space(space).dimensions
