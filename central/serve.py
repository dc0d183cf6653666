"""`dongseon central serve`: ingest, index follower and web server in one process."""

import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import structlog
import uvicorn
from prometheus_client import CollectorRegistry

from central.api.app import create_app
from central.commands import Commands
from central.compose import Intake, broker_address, make_dispatch, make_upkeep, open_index
from central.crops.store import CropStore
from central.db.engine import make_engine
from central.db.migrate import check_migrated
from central.freed_memory import keep_freed_memory
from central.index.follower import IndexFollower
from central.ingest.metrics import IngestMetrics
from central.ingest.writer import BatchWriter
from central.one_thread import one_thread_a_request
from central.open_files import allow_open_files
from central.retention.compose import CountedPurger, stores_of
from central.retention.metrics import PurgeMetrics
from central.retention.purge import Purger
from central.roads.follower import TimesFollower
from central.search.means import MeansFollower
from central.search.reader import make_reader
from central.services import Services
from central.settings import CentralSettings
from central.supervisor import Supervised
from central.watch.hub import Hub
from central.watch.likeness import catalogue_likeness
from central.watch.parts import FEED, WatchParts, watch_parts
from central.workers import ingest_parts
from shared.clock import SystemClock
from shared.errors import ConfigError

_GRACE_S = 5
_DEAF_MS = 120_000

_log = structlog.get_logger(__name__)


def serve(settings: CentralSettings, log_arguments: Sequence[str] = ()) -> None:
    """Run until SIGINT or SIGTERM, then leave in good order: what is begun is committed.

    Args:
        settings: what to serve.
        log_arguments: options of `dongseon central ingest` for the log of workers.

    Raises:
        StorageError: the database is not there or not migrated, or the index is in use.
        ConfigError: the port is taken.
    """
    allow_open_files()
    keep_freed_memory()
    one_thread_a_request()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Before the web server takes them over, and after it has given them back.
        signal.signal(number, lambda *_: stop.set())
    with (
        _listening(settings) as listener,
        _open_services(settings, log_arguments, stop) as (services, parts),
    ):
        for part in parts:
            part.start(stop)
        try:
            app = create_app(services)
            config = uvicorn.Config(
                app, log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_S
            )
            _log.info("serving", url=f"http://{settings.http_host}:{settings.http_port}/")
            if not stop.is_set():
                uvicorn.Server(config).run(sockets=[listener])
        finally:
            stop.set()
            for part in parts:
                part.join()


@contextmanager
def _open_services(
    settings: CentralSettings, log_arguments: Sequence[str], stop: threading.Event
) -> Iterator[tuple[Services, list[Supervised]]]:
    clock, registry = SystemClock(), CollectorRegistry()
    with ExitStack() as opened:
        engine = make_engine(settings.database_url)
        opened.callback(engine.dispose)
        check_migrated(engine)
        index = open_index(settings)
        opened.callback(index.close)
        crops = CropStore(settings.crops_dir, clock)
        opened.callback(crops.close)
        address = broker_address(settings, f"{settings.ingest_client_id}-commands")
        commands = opened.enter_context(Commands(address))
        writer = BatchWriter(engine, crops, clock)
        intake = Intake(settings, writer, IngestMetrics(registry), clock)
        stores = stores_of(settings, engine, crops, index)
        purger = Purger(stores, clock, settings.retention_days, stop.wait)
        purging = CountedPurger(purger, PurgeMetrics(registry))
        watching = WatchParts(engine, clock, Hub(), catalogue_likeness(), settings.webhook_hosts)
        parts = [
            *ingest_parts(intake, registry, log_arguments),
            Supervised("index", lambda: IndexFollower(engine, index)),
            Supervised("means", lambda: MeansFollower(engine)),
            Supervised("travel-times", lambda: TimesFollower(engine)),
            Supervised("clips", lambda: make_dispatch(settings, engine, clock)),
            *watch_parts(watching),
            Supervised(
                "upkeep",
                lambda: make_upkeep(settings, engine, crops, clock).with_purges(purging),
            ),
        ]
        parts = _chosen(parts, settings)
        services = Services(
            settings=settings,
            engine=engine,
            crops=crops,
            index=index,
            pictures=make_reader(settings),
            clock=clock,
            parts={part.name: part.health for part in parts},
            registry=registry,
            tell=commands.send,
            hub=watching.hub,
            likeness=watching.likeness,
        )
        yield services, parts


def _chosen(parts: list[Supervised], settings: CentralSettings) -> list[Supervised]:
    wanted, names = settings.serve_parts, [part.name for part in parts]
    if wanted is None:
        return parts
    if unknown := sorted(set(wanted).difference(names)):
        raise ConfigError(
            f"DONGSEON_CENTRAL_SERVE_PARTS names {', '.join(unknown)}; there are {', '.join(names)}"
        )
    return [part for part in parts if part.name in {*wanted, FEED}]


@contextmanager
def _listening(settings: CentralSettings) -> Iterator[socket.socket]:
    address = (settings.http_host, settings.http_port)
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    try:
        listener = socket.create_server(address, family=family)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {settings.http_host} port {settings.http_port}: {error}; "
            "set DONGSEON_CENTRAL_HTTP_PORT to a free one"
        ) from error
    # Inherited by its connections: one whose other end takes nothing for so long is ended, however
    # much waits for it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAF_MS)
    with listener:
        yield listener
