"""A box's configuration: `box.toml`, over the defaults of a profile."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from edge_agent.calibrated import CalibratedSettings
from edge_agent.engine_settings import EngineSettings
from edge_agent.model_settings import ModelSettings
from edge_agent.recording.settings import RecordingSettings
from firmware_configs.profiles import load_profile
from models.site.settings import CollectSettings
from shared.clock import to_ms
from shared.errors import ConfigError
from shared.ids import BoxName, CameraId, ChannelName
from shared.settings import Settings, explain, load_toml

MAX_WINDOW = 16
_MIB = 1024 * 1024
_MQTT_PORT = 1883
_MQTTS_PORT = 8883

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
SourceName = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Fps = Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)]


UplinkProfile = Literal["normal", "thrifty", "vectors-first"]
# What a profile of the uplink says of `[tracklet]`. A crop of 96 x 192 at quality 70 is half the
# bytes of one of 128 x 256 at 80, and still what the embedders were trained to recognise.
_SPARING: dict[str, dict[str, Any]] = {
    "thrifty": {"early": False, "webp_quality": 70, "max_crop_height": 192},
}


class BoxSettings(Settings):
    """`[box]`: who this box is and where it keeps its data.

    `outbox_mib` caps the outbox on disk: when it is reached the oldest sightings go, counted and
    reported. A sighting of 2.5 KB takes 4.1 KB there (measured), so 2048 MiB hold 500,000: a week
    offline with four channels of 200 tracks an hour, two revisions each, is 270,000.
    """

    name: BoxName
    data_dir: Path
    profile: str | None = None
    outbox_mib: Annotated[int, Field(ge=1, le=1024 * 1024)] = 2048

    @property
    def outbox_max_bytes(self) -> int:
        """The outbox's cap in bytes."""
        return self.outbox_mib * _MIB


class TlsSettings(Settings):
    """`[uplink] tls`: the authority that signed the broker, and this box's own certificate."""

    ca: Path
    cert: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError("give cert and key together, or neither")
        return self


class UplinkSettings(Settings):
    """`[uplink]`: the broker, and how much may be asked of the line to it.

    `kbit_per_s` caps payload and topic bytes, 1 kbit = 1000 bits; None is no cap.
    `ack_silence_s` is how long rows may be in flight with no word from the centre before they
    are sent again, or the connection is made anew; `reconnect_max_s` caps the wait between two
    tries to connect.

    `profile` says how sparing to be: `normal`; `thrifty` without early revisions and with smaller
    pictures; `vectors-first` sends a sighting at once without its picture, which follows when
    the line is idle or the centre asks for it. What `[tracklet]` says itself goes before this.
    """

    profile: UplinkProfile = "normal"
    host: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    tls: TlsSettings | None = None
    window: Annotated[int, Field(ge=1, le=MAX_WINDOW)] = MAX_WINDOW
    kbit_per_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    keepalive_s: Annotated[int, Field(ge=5, le=300)] = 30
    ack_silence_s: Seconds = 30.0
    telemetry_s: Seconds = 60.0
    reconnect_max_s: Seconds = 60.0

    @property
    def broker_port(self) -> int:
        """The port: as given, otherwise MQTT's own (1883, with TLS 8883)."""
        return self.port or (_MQTTS_PORT if self.tls else _MQTT_PORT)


class TrackletSettings(Settings):
    """`[tracklet]`: when a track becomes a sighting, and what is sent of it.

    `min_width` x `min_height` (pixels of the source) is the smallest picture worth sending, of
    vehicles and two-wheelers either way round;
    `early` sends revision 0 at the first such crop; `renew_s` sends a further revision of a track
    that goes on that long; `crops` is how many good crops are kept for the mean; pictures taller
    than `max_crop_height` pixels are made smaller before they are sent.
    """

    min_width: Annotated[int, Field(ge=1, le=4096)] = 64
    min_height: Annotated[int, Field(ge=1, le=4096)] = 128
    early: bool = True
    renew_s: Seconds = 30.0
    crops: Annotated[int, Field(ge=1, le=64)] = 5
    webp_quality: Annotated[int, Field(ge=1, le=100)] = 80
    max_crop_height: Annotated[int, Field(ge=32, le=1024)] = 256


class CropSettings(Settings):
    """`crop`: the channel's part of the source picture, pixels; right and bottom exclusive."""

    left: Annotated[int, Field(ge=0)]
    top: Annotated[int, Field(ge=0)]
    right: int
    bottom: int

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("left must be below right, and top below bottom")
        return self


class ChannelSettings(Settings):
    """`[[channels]]`: one camera stream.

    `starts_at`, `realtime` and `loop` are for files and folders: wall time of the first frame
    (with its time zone; default now), whether to go no faster than filmed, whether to begin anew.
    `substream` is the camera's smaller stream where it has one: it alone is looked at then, so
    that `crop` and the size rule count its pixels, and crops have its resolution.
    `hwaccel` decodes on a device: FFmpeg's name of its kind (`vaapi`, `qsv`, `cuda`, `drm`), or
    `auto` for the first that works. Where none does, software decodes and the log says so.
    """

    name: ChannelName
    camera: CameraId
    source: SourceName
    substream: SourceName | None = None
    hwaccel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,16}$")] = "none"
    crop: CropSettings | None = None
    fps: Fps = 5.0
    starts_at: datetime | None = None
    realtime: bool = False
    loop: bool = False

    @field_validator("starts_at")
    @classmethod
    def _names_an_instant(cls, value: datetime | None) -> datetime | None:
        if value is not None:
            to_ms(value)
        return value

    @property
    def watched(self) -> str:
        """What is looked at: the sub-stream where there is one."""
        return self.substream or self.source

    @property
    def sources(self) -> tuple[str, ...]:
        """Every stream of the camera, the one that is looked at first."""
        return (self.watched,) if self.substream is None else (self.substream, self.source)

    @property
    def live(self) -> bool:
        """Whether it is a camera."""
        return self.watched.startswith(("rtsp://", "rtsps://", "usb:"))

    @property
    def endless(self) -> bool:
        """Whether it ends only because something is wrong: a camera, or a clip in a loop."""
        return self.loop or self.live

    @property
    def starts_at_ms(self) -> int | None:
        """`starts_at` as UTC milliseconds."""
        return None if self.starts_at is None else to_ms(self.starts_at)


class GateSettings(Settings):
    """`[gate]`: which frames are looked at.

    `on` looks only at frames in which something has moved, and at one every `anyway_s`;
    `keyframes` decodes only key frames of a channel on which nothing has moved for `quiet_s`;
    `floor` is how many levels of brightness (of 255) a pixel must change by to count as moved:
    less sees more in bad light, and more noise.
    """

    on: bool = True
    keyframes: bool = True
    anyway_s: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 5.0
    quiet_s: Seconds = 10.0
    floor: Annotated[float, Field(ge=1, le=64, allow_inf_nan=False)] = 5.0


class EdgeSettings(Settings):
    """The whole of `box.toml`."""

    box: BoxSettings
    uplink: UplinkSettings
    models: ModelSettings = ModelSettings()
    tracklet: TrackletSettings = TrackletSettings()
    engine: EngineSettings = EngineSettings()
    gate: GateSettings = GateSettings()
    channels: Annotated[tuple[ChannelSettings, ...], Field(min_length=1, max_length=256)]
    calibrated: CalibratedSettings | None = None
    collect: CollectSettings | None = None
    recording: RecordingSettings | None = None

    @model_validator(mode="before")
    @classmethod
    def _spare(cls, fields: object) -> object:
        """Put what the uplink's profile says of tracklets under what `[tracklet]` says."""
        if not isinstance(fields, dict):
            return fields
        uplink, tracklet = fields.get("uplink"), fields.get("tracklet", {})
        profile = uplink.get("profile") if isinstance(uplink, dict) else None
        sparing = _SPARING.get(profile) if isinstance(profile, str) else None
        return fields if sparing is None else {**fields, "tracklet": _over(sparing, tracklet)}

    @model_validator(mode="after")
    def _channels_are_distinct(self) -> Self:
        names = [channel.name for channel in self.channels]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two channels are named {name!r}; give each its own name")
        return self


class _Written(BaseModel):
    """The file as it stands, before the profile's defaults are put under it."""

    model_config = ConfigDict(extra="allow")


def load_config(path: Path, profile: str | None = None) -> EdgeSettings:
    """The configuration in `path`, with the defaults of a profile where it says nothing.

    Args:
        path: `box.toml`.
        profile: a profile's name, with its variant as in `intel-n100/lte`; else `[box] profile`.

    Raises:
        ConfigError: the file cannot be read, a key is wrong, missing or unknown, the profile is
            unknown, or it carries fewer channels; the message names file, key and expectation.
    """
    written = load_toml(_Written, path).model_dump()
    chosen = profile or _profile_of(written)
    known = load_profile(chosen) if chosen else None
    fields = _merged(known.defaults(), written) if known else written
    try:
        settings = EdgeSettings.model_validate(fields)
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error)}") from error
    if chosen != settings.box.profile:
        box = settings.box.model_copy(update={"profile": chosen})
        settings = settings.model_copy(update={"box": box})
    if known is not None and len(settings.channels) > known.max_channels:
        raise ConfigError(
            f"{path}: {len(settings.channels)} channels; profile {chosen} carries "
            f"{known.max_channels}: use another box or fewer channels"
        )
    return settings


def _profile_of(written: dict[str, Any]) -> str | None:
    box = written.get("box")
    named = box.get("profile") if isinstance(box, dict) else None
    return named if isinstance(named, str) else None


def _merged(defaults: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """`written` over `defaults`, table by table; `defaults["channels"]` is for each channel."""
    fields = dict(written)
    for name, default in defaults.items():
        found = written.get(name)
        if found is None and name != "channels":
            fields[name] = default
        elif isinstance(found, list):
            fields[name] = [_over(default, item) for item in found]
        elif found is not None:
            fields[name] = _over(default, found)
    return fields


def _over(default: dict[str, Any], found: object) -> object:
    return {**default, **found} if isinstance(found, dict) else found
