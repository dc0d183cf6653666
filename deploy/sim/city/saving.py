"""The made-up city as files: sightings.npz, cameras.geojson, truth.json, map.svg."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from deploy.sim.city.drawing import draw
from deploy.sim.city.told import NAMES
from deploy.sim.city.world import City
from shared.errors import StorageError
from shared.ids import uuid7


def save(city: City, folder: Path) -> list[Path]:
    """Write `city` below `folder`; gives the files.

    Raises:
        StorageError: the folder cannot be written.
    """
    texts = {
        "cameras.geojson": json.dumps(_cameras(city), ensure_ascii=False),
        "truth.json": json.dumps(_truth(city), ensure_ascii=False),
        "map.svg": draw(city),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, written in texts.items():
            (folder / name).write_text(written, encoding="utf-8")
        found = city.sightings
        ids = np.array([str(each) for each in sighting_ids(city)])
        np.savez(folder / "sightings.npz", id=ids, **found._asdict())
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error}; name another --out") from error
    return [folder / name for name in ("sightings.npz", *texts)]


def sighting_ids(city: City) -> list[UUID]:
    """The UUIDv7 of each sighting, the same for the same city."""
    rng = np.random.default_rng(city.seed)
    return [uuid7(int(first), rng.bytes) for first in city.sightings.first_ms]


def _cameras(city: City) -> dict[str, Any]:
    cameras = city.cameras
    places = city.streets.lon_lat(cameras.xy).round(7).tolist()
    features = [
        {
            "type": "Feature",
            "id": cameras.name(number),
            "geometry": {"type": "Point", "coordinates": place},
            "properties": {
                "id": cameras.name(number),
                "name": cameras.name(number),
                "azimuth_deg": round(float(np.degrees(cameras.azimuth[number])), 1),
                "reach_m": round(float(cameras.reach_m[number]), 1),
                "on": bool(cameras.on[number]),
            },
        }
        for number, place in enumerate(places)
    ]
    return {"type": "FeatureCollection", "features": features}


def _truth(city: City) -> dict[str, Any]:
    """Everything that no camera knows: clocks, true attributes and plates, and every way taken."""
    return {
        "streets": city.streets.name,
        "level": city.level,
        "seed": city.seed,
        "attribute_names": NAMES,
        "clock_s": city.cameras.clock_s.round(3).tolist(),
        "actors": [_actor(city, actor) for actor in range(len(city.plates))],
        "trips": [
            {
                "actor": trip.actor,
                "seen": trip.seen,
                "lon_lat": city.streets.lon_lat(city.streets.xy[trip.nodes]).round(6).tolist(),
                "seconds": trip.times.round(1).tolist(),
            }
            for trip in city.population.trips
        ],
    }


def _actor(city: City, actor: int) -> dict[str, Any]:
    return {
        "class": city.population.object_class(actor),
        "lookalikes": int(city.groups[actor]),
        "attributes": city.attributes[actor].tolist(),
        "plate": city.plates[actor],
    }
