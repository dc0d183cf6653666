"""What a profile may say about a kind of box."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.settings import Settings

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Threads = Annotated[int, Field(ge=1, le=256)]
Figure = Annotated[float, Field(allow_inf_nan=False)]

UNTESTED: Literal["untested"] = "untested"


class Measured(Settings):
    """One figure of this kind of box.

    `value` is `untested` until somebody has measured it; `how` then says with what.
    """

    what: Line
    unit: Label
    value: Figure | Literal["untested"] = UNTESTED
    how: Line | None = None


class Role(Settings):
    """A model of the catalogue and how to run it."""

    name: Label
    runtime: Label | None = None
    precision: Label | None = None
    device: Label | None = None
    threads: Threads | None = None


class Models(Settings):
    """Models by role, names from the catalogue; the keys of `[models]` in `box.toml`."""

    detector: Label | Role | None = None
    person_embedder: Label | Role | None = None
    vehicle_embedder: Label | Role | None = None
    two_wheeler_embedder: Label | Role | None = None
    person_attributes: Label | Role | None = None
    vehicle_attributes: Label | Role | None = None
    plate_detector: Label | Role | None = None
    plate_reader: Label | Role | None = None
    runtime: Label | None = None
    precision: Label | None = None
    device: Label | None = None
    threads: Threads = 1


class Uplink(Settings):
    """What a profile may say of the uplink; the keys of `[uplink]` in `box.toml`."""

    profile: Literal["normal", "thrifty", "vectors-first"] | None = None
    kbit_per_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    window: Annotated[int, Field(ge=1, le=16)] | None = None
    telemetry_s: Annotated[float, Field(gt=0, le=86_400)] | None = None


class Tracklet(Settings):
    """What a profile may say of tracklets; the keys of `[tracklet]` in `box.toml`."""

    early: bool | None = None
    renew_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    webp_quality: Annotated[int, Field(ge=1, le=100)] | None = None


class Variant(Settings):
    """A thriftier way to run the same box, e.g. on LTE."""

    description: Line
    fps: Annotated[float, Field(gt=0, le=60)] | None = None
    uplink: Uplink = Uplink()
    tracklet: Tracklet = Tracklet()


class Profile(Settings):
    """A kind of box: what it carries and the defaults that suit it."""

    description: Line
    max_channels: Annotated[int, Field(ge=1, le=256)]
    fps: Annotated[float, Field(gt=0, le=60)]
    models: Models
    uplink: Uplink = Uplink()
    tracklet: Tracklet = Tracklet()
    variants: dict[Label, Variant] = {}
    measured: tuple[Measured, ...] = ()

    def with_variant(self, name: str) -> "Profile":
        """This profile as variant `name` runs it.

        Raises:
            KeyError: no such variant.
        """
        variant = self.variants[name]
        return self.model_copy(
            update={
                "fps": variant.fps or self.fps,
                "uplink": self.uplink.model_copy(update=_said(variant.uplink)),
                "tracklet": self.tracklet.model_copy(update=_said(variant.tracklet)),
            }
        )

    def defaults(self) -> dict[str, dict[str, Any]]:
        """The profile as the tables of `box.toml`; `channels` holds what goes for every channel."""
        return {
            "models": _said(self.models),
            "uplink": _said(self.uplink),
            "tracklet": _said(self.tracklet),
            "channels": {"fps": self.fps},
        }


def _said(part: Settings) -> dict[str, Any]:
    return part.model_dump(exclude_none=True)
