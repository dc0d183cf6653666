"""The centre's settings: environment variables `DONGSEON_CENTRAL_*`."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from central.sightings.hours import DEFAULT_ZONE, Zone
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.ids import PLAIN_NAME
from shared.settings import explain

_PREFIX = "DONGSEON_CENTRAL_"
Port = Annotated[int, Field(ge=1, le=65_535)]


def _rate(text: str) -> str:
    parse_many(text)
    return text


class CentralSettings(BaseSettings):
    """Everything `dongseon central serve` may be told. Maps and lists are written as JSON."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="forbid")

    database_url: str = Field(description="postgresql+psycopg://user@host:port/name")
    data_dir: Path = Field(description="where crops and the vector index are kept")
    broker_host: str = "127.0.0.1"
    broker_port: Port = 1883
    broker_username: str | None = None
    broker_password: str | None = Field(default=None, repr=False)
    broker_ca: Path | None = Field(
        default=None, description="CA certificate of the broker; switches TLS on"
    )
    broker_cert: Path | None = None
    broker_key: Path | None = None
    ingest_client_id: Annotated[str, Field(pattern=PLAIN_NAME)] = Field(
        default="dongseon-ingest", description="fixed: the broker keeps its session by this name"
    )
    ingest_workers: Annotated[int, Field(ge=0, le=16)] = Field(
        default=1,
        description="1: ingest runs within `serve`. More: `serve` starts so many processes, which "
        "share the load. 0: they are started elsewhere, as `dongseon central ingest`",
    )
    ingest_group: Annotated[str, Field(pattern=PLAIN_NAME)] = Field(
        default="ingest", description="workers of one name share one stream of messages"
    )
    ingest_batch: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=256, description="messages committed together at most"
    )
    ingest_window: Annotated[int, Field(ge=1, le=65_535)] = Field(
        default=1024, description="messages the broker may hand out before they are committed"
    )
    http_host: str = "127.0.0.1"
    http_port: Port = 8480
    allow_public_bind: bool = Field(
        default=False, description="listen beyond this machine although there are no accounts yet"
    )
    http_names: tuple[str, ...] = Field(
        default=(),
        description="names, besides loopback and http_host, under which browsers may ask",
    )
    serve_parts: tuple[str, ...] | None = Field(
        default=None,
        description="the parts that run beside the API in `serve`, by the names /health/ready has; "
        "unless set, all. []: the API alone, as often as there are people who ask. Watch events "
        "always run, as the API's subscribers hear by them",
    )
    upload_url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/[^\s]*[^\s/])?$")] | None = Field(
        default=None,
        description="where boxes reach this centre to upload clips, as https://centre.example; "
        "unless set, the address it listens on",
    )
    clip_max_mib: Annotated[int, Field(ge=1, le=4096)] = Field(
        default=256, description="the largest clip that is taken"
    )
    clip_min_free_mib: Annotated[int, Field(ge=0)] = Field(
        default=1024, description="left free on the disk, whatever boxes want to upload"
    )
    clip_patience_h: Annotated[float, Field(gt=0, le=24 * 30)] = Field(
        default=24, description="a clip of which nothing came for so long has failed"
    )
    clips_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=30, description="days that clips are kept after they were asked for"
    )
    retention_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=30, description="days that sightings are kept, unless a camera's group says more"
    )
    quarantine_rows: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=10_000, description="refused payloads of a box that are kept, the newest ones"
    )
    index: Literal["flat", "edge", "server"] = Field(
        default="flat",
        description="flat: vectors in files; edge: Qdrant in the process; server: a Qdrant server",
    )
    qdrant_url: str | None = Field(default=None, description="for index = server")
    qdrant_prefix: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "dongseon"
    search_threads: Annotated[int, Field(ge=1, le=64)] = 1
    search_timeout_s: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=30, description="the longest that the database may work on a step of a search"
    )
    models: dict[ObjectClass, str] = Field(
        default={
            ObjectClass.PERSON: "starter-person-embedder",
            ObjectClass.VEHICLE: "starter-vehicle-embedder",
            ObjectClass.TWO_WHEELER: "starter-vehicle-embedder",
        },
        description="the embedder for uploaded pictures, by class of object",
    )
    detector: str | None = Field(
        default="starter-detector",
        description="finds the object in an uploaded picture; none: the whole picture is it",
    )
    webhook_hosts: tuple[str, ...] = Field(
        default=(),
        description="hosts, as name or name:port, that alerts may be sent to; none unless named",
    )
    attribute_readers: dict[ObjectClass, str] = Field(
        default={
            ObjectClass.PERSON: "clothing-colours",
            ObjectClass.VEHICLE: "paint-colour",
        },
        description="what says in words what an uploaded picture shows, by class of object",
    )
    plate_reader: str | None = Field(
        default="starter-plate-reader",
        description="reads plates in uploaded pictures; none: nothing does",
    )
    zone: Zone = Field(
        default=DEFAULT_ZONE, description="of hours and days in requests that name none"
    )
    rate_limit: Annotated[str, AfterValidator(_rate)] = Field(
        default="30000/minute",
        description="requests of one caller, as N/second, N/minute, N/hour; several with ;",
    )
    caller_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")] | None = Field(
        default=None,
        description="header in which the proxy in front names who asks; unless set, the address",
    )
    model_dir: Path | None = Field(default=None, description="the model store, unless the default")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.allow_public_bind and not is_loopback(self.http_host):
            raise ValueError(
                f"http_host {self.http_host} can be reached from other machines, and there are no "
                "accounts yet: anyone could search. Listen on 127.0.0.1 and put a proxy that "
                f"checks who is there in front, or set {_PREFIX}ALLOW_PUBLIC_BIND=true"
            )
        if self.index == "server" and self.qdrant_url is None:
            raise ValueError(f"index = server needs {_PREFIX}QDRANT_URL")
        return self

    @property
    def crops_dir(self) -> Path:
        """Where the crop store is."""
        return self.data_dir / "crops"

    @property
    def clips_dir(self) -> Path:
        """Where clips and snapshots are."""
        return self.data_dir / "clips"

    @property
    def clip_max_bytes(self) -> int:
        """The largest clip that is taken, in bytes."""
        return self.clip_max_mib * 1024 * 1024

    @property
    def clip_min_free(self) -> int:
        """What clips leave free on the disk, in bytes."""
        return self.clip_min_free_mib * 1024 * 1024

    @property
    def upload_name(self) -> str:
        """The name boxes ask for when they upload."""
        return urlsplit(self.clips_from).hostname or self.http_host

    @property
    def boxes_can_upload(self) -> bool:
        """Whether boxes, which reach the broker, may reach this centre too."""
        return is_loopback(self.broker_host) or not _is_nowhere(self.upload_name)

    @property
    def clips_from(self) -> str:
        """Where boxes upload clips to, without a slash at the end."""
        host = f"[{self.http_host}]" if ":" in self.http_host else self.http_host
        return self.upload_url or f"http://{host}:{self.http_port}"

    @property
    def index_dir(self) -> Path:
        """Where the vector index is: each kind has its own."""
        return self.data_dir / ("index" if self.index == "edge" else "vectors")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_nowhere(host: str) -> bool:
    """Whether no other machine can reach `host`."""
    return is_loopback(host) or host in {"0.0.0.0", "::"}  # noqa: S104 - not bound to


def load_settings() -> CentralSettings:
    """The settings from the environment.

    Raises:
        ConfigError: one is missing or wrong; the message names it.
    """
    try:
        return CentralSettings()
    except ValidationError as error:
        raise ConfigError(
            f"environment {_PREFIX}* (names below are without the prefix): {explain(error)}"
        ) from error
