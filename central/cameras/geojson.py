"""Cameras as GeoJSON (RFC 7946): a FeatureCollection of points, longitude before latitude."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from pydantic import ValidationError

from central.cameras.importing import ReadCamera, reject
from central.cameras.model import Camera, NewCamera, Rejected
from central.errors import InputError
from shared.settings import explain

MAX_FEATURES = 100_000
_FIELDS = ("name", "box", "height_m", "azimuth_deg", "purpose", "address", "view")


def write_cameras(cameras: Iterable[Camera]) -> Iterator[str]:
    """A FeatureCollection in pieces; `read_cameras` reads it back to the same cameras."""
    yield '{"type":"FeatureCollection","features":['
    for number, camera in enumerate(cameras):
        yield ("," if number else "") + json.dumps(_feature(camera), ensure_ascii=False)
    yield "]}"


def read_cameras(file: BinaryIO) -> Iterator[ReadCamera | Rejected]:
    """The cameras in `file`, feature by feature, in place of each wrong feature its refusal.

    A feature's `id` (or its property `id`) is the camera's. A feature without geometry is a
    camera that is not placed. Properties that a camera does not have are kept as its properties.

    Raises:
        InputError: not JSON, not a FeatureCollection, or more than `MAX_FEATURES` features.
    """
    try:
        document = json.load(file)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not a JSON document: {error}") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise InputError("not a GeoJSON FeatureCollection")
    if len(features) > MAX_FEATURES:
        raise InputError(f"more than {MAX_FEATURES} features; import the file in parts")
    for number, feature in enumerate(features, start=1):
        yield _read(number, feature)


def _feature(camera: Camera) -> dict[str, Any]:
    place = camera.position
    point = {"type": "Point", "coordinates": [place.lon, place.lat]} if place else None
    known = camera.model_dump(mode="json", include={*_FIELDS}, exclude_none=True)
    known = {name: known.get(name) for name in _FIELDS}
    return {
        "type": "Feature",
        "id": camera.id,
        "geometry": point,
        "properties": {**known, "properties": camera.properties},
    }


def _read(number: int, feature: object) -> ReadCamera | Rejected:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return reject(number, "not a Feature", {"feature": feature})
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        return reject(number, "properties are not an object", feature)
    try:
        return ReadCamera(number, _camera(feature, properties), properties)
    except ValidationError as error:
        return reject(number, explain(error).replace("\n", "; "), feature)
    except InputError as error:
        return reject(number, str(error), feature)


def _camera(feature: dict[str, Any], properties: dict[str, Any]) -> NewCamera:
    name = feature.get("id", properties.get("id"))
    identifier = str(name) if isinstance(name, int) else name
    other = {key: value for key, value in properties.items() if key not in {*_FIELDS, "id"}}
    # As `write_cameras` nests them; anyone else's "properties" is a property like the others.
    own = other.pop("properties") if isinstance(other.get("properties"), dict) else {}
    known = {key: properties[key] for key in _FIELDS if properties.get(key) is not None}
    return NewCamera.model_validate(
        {
            "id": identifier,
            "name": identifier,
            **known,
            "position": _position(feature.get("geometry")),
            "properties": {**own, **other},
        }
    )


def _position(geometry: object) -> dict[str, Any] | None:
    if geometry is None:
        return None
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        raise InputError("the geometry is not a Point")
    coordinates = geometry.get("coordinates")
    if (
        not isinstance(coordinates, list)
        or len(coordinates) not in {2, 3}
        or not all(isinstance(number, int | float) for number in coordinates)
    ):
        raise InputError("the Point needs coordinates [longitude, latitude], as numbers")
    return {"lon": coordinates[0], "lat": coordinates[1]}
