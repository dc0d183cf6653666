"""A small city made by code: three cameras on one street, people who walk past them, one route."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from random import Random
from uuid import UUID

from PIL import Image, ImageDraw, ImageFilter

from central.cameras.model import Camera
from central.cameras.views.model import View
from central.sightings.attributes import AttributeSaid
from central.sightings.model import Frame, Sighting, crop_url
from central.values import LonLat
from shared.classes import ObjectClass
from shared.clock import to_ms
from shared.ids import uuid7

START = datetime(2026, 3, 14, 6, 20, tzinfo=UTC)
PEOPLE = 9
STREET = ("demo-west", "demo-middle", "demo-east")
_PLACES = ((126.9561818, 37.5484593), (126.9563105, 37.5484243), (126.9564393, 37.5483893))
_VIEW = View(fov_deg=60, near_m=1, far_m=8)
_CLOTHES = ("#7d2f2a", "#2f4d7d", "#3f6b45", "#8c7440", "#55407a", "#3a3f46", "#9a5b35", "#2a6f73")
_COLOURS = ("red", "blue", "green", "brown", "purple", "black", "orange", "blue")
_CROP = (96, 192)


@dataclass
class Canned:
    """What the fake centre holds. `person_of` says who a sighting shows."""

    cameras: dict[str, Camera] = field(default_factory=dict)
    sightings: dict[UUID, Sighting] = field(default_factory=dict)
    person_of: dict[UUID, int] = field(default_factory=dict)

    def of_person(self, person: int) -> list[Sighting]:
        """Their sightings in time order."""
        found = [self.sightings[key] for key, who in self.person_of.items() if who == person]
        return sorted(found, key=lambda sighting: sighting.first_seen)


def street() -> Canned:
    """Three placed cameras, one without a place, and `PEOPLE` who pass all three."""
    canned = Canned()
    for camera, (lon, lat) in zip(STREET, _PLACES, strict=True):
        name = camera.removeprefix("demo-").capitalize()
        place = LonLat(lon=lon, lat=lat)
        canned.cameras[camera] = Camera(
            id=camera, name=name, box="box-a", position=place, azimuth_deg=19, view=_VIEW
        )
    canned.cameras["depot"] = Camera(id="depot", name="Depot gate", box="box-b")
    random = Random(7)  # noqa: S311 - the same city each time
    for person in range(PEOPLE):
        _walk(canned, person, START + timedelta(seconds=41 * person), random)
    return canned


def city(cameras: int) -> Canned:
    """`cameras` cameras spread over a city, and nobody in it."""
    random = Random(11)  # noqa: S311 - the same city each time
    canned = Canned()
    for number in range(cameras):
        place = LonLat(lon=random.gauss(126.98, 0.06), lat=random.gauss(37.55, 0.04))
        camera = f"seoul-{number:04}"
        canned.cameras[camera] = Camera(
            id=camera, name=f"Camera {number:04}", position=place, azimuth_deg=random.random() * 360
        )
    return canned


def crop(person: int) -> bytes:
    """A WebP picture of a person who can be told by their clothes."""
    width, height = _CROP
    picture = Image.new("RGB", _CROP, "#4a5158")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, height * 0.8, width, height), fill="#5d6469")
    top, legs = _CLOTHES[person % len(_CLOTHES)], _CLOTHES[(person * 3 + 5) % len(_CLOTHES)]
    pen.rounded_rectangle((36, 108, 46, 176), 4, fill=legs)
    pen.rounded_rectangle((50, 108, 60, 172), 4, fill=legs)
    pen.rounded_rectangle((30, 50, 66, 116), 10, fill=top)
    pen.ellipse((38, 22, 58, 48), fill="#b58d72")
    file = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(file, "WEBP", quality=80)
    return file.getvalue()


def _walk(canned: Canned, person: int, start: datetime, random: Random) -> None:
    cameras = STREET if person % 2 else STREET[::-1]
    at = start
    for camera in cameras:
        stay = timedelta(seconds=round(random.uniform(3, 9), 3))
        sighting = _sighting(camera, at, stay, random).model_copy(
            update={"attributes": _attributes(person)}
        )
        canned.sightings[sighting.id] = sighting
        canned.person_of[sighting.id] = person
        at += stay + timedelta(seconds=round(random.uniform(5, 9), 3))


def _attributes(person: int) -> dict[str, AttributeSaid]:
    return {
        "upper_colour": {"value": _COLOURS[person % len(_COLOURS)], "confidence": 0.71},
        "backpack": {"value": "yes" if person % 2 else "no", "confidence": 0.62},
    }


def _sighting(camera: str, first: datetime, stay: timedelta, random: Random) -> Sighting:
    key = uuid7(to_ms(first), random.randbytes)
    rect = (100.0, 80.0, 150.0, 190.0)
    return Sighting(
        id=key,
        revision=1,
        ended=True,
        box="box-a",
        channel=camera,
        camera=camera,
        object_class=ObjectClass.PERSON,
        first_seen=first,
        last_seen=first + stay,
        shot=first + stay / 2,
        frame=Frame(width=768, height=576),
        rect=rect,
        first_rect=rect,
        last_rect=rect,
        confidence=0.9,
        quality=0.8,
        detections=20,
        crops_used=5,
        space="person-test",
        message_bytes=2500,
        crop_revision=1,
        crop_gone=False,
        crop_bytes=2000,
        crop_url=crop_url(key, 1),
        attributes={},
        plate=None,
        models={},
        clock_offset_ms=None,
    )
