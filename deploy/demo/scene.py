"""What the demo shows: cameras on a map, the clip each one sees, the box each one is on.

A scene is a GeoJSON FeatureCollection, one Point a camera. Its properties are `id`, `name` and, as
needed, `box` (which box carries it), `video` (its clip), `crop` (left, top, right, bottom in pixels
of the clip), and what ground it sees: `azimuth_deg` and `view`, as the centre takes them. The
collection may carry `tracklet`, the size rule for its clips, `streets`, an OpenStreetMap file of
the streets around, and `around`, more cameras that stand there and have no clip.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import ConfigError
from shared.ids import BoxName, CameraId
from shared.settings import explain

VTEST_SCENE = Path(__file__).with_name("vtest.geojson")
MAX_SCENE_BYTES = 4 * 1024 * 1024

# Where own clips are put when nobody says where their cameras stand: 30 m apart on one street.
_FIRST_LON, _FIRST_LAT, _STEP_LON = 126.9558, 37.5486, 0.00034

Degrees = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Point(_Part):
    """Where a camera stands, longitude then latitude (WGS 84)."""

    type: Literal["Point"]
    coordinates: tuple[
        Annotated[Degrees, Field(ge=-180, le=180)], Annotated[Degrees, Field(ge=-90, le=90)]
    ]


class Standing(_Part):
    """A camera as the centre knows it."""

    id: CameraId
    name: str
    box: BoxName | None = None
    azimuth_deg: float | None = None
    view: dict[str, object] | None = None


class CameraProperties(Standing):
    """A camera and the channel that shows it."""

    box: BoxName = "box-a"
    video: Path | None = None
    crop: tuple[int, int, int, int] | None = None


class Camera(_Part):
    """One feature."""

    type: Literal["Feature"]
    geometry: Point
    properties: CameraProperties


class Neighbour(_Part):
    """A camera that stands nearby and has no clip."""

    type: Literal["Feature"]
    geometry: Point
    properties: Standing


class SizeRule(_Part):
    """The smallest picture, in pixels of the clip, that becomes a sighting."""

    min_width: int = 64
    min_height: int = 128


class Scene(_Part):
    """The cameras of a demo, each with its clip."""

    features: Annotated[tuple[Camera, ...], Field(min_length=1, max_length=64)]
    title: str = ""
    tracklet: SizeRule = SizeRule()
    streets: Path | None = None
    around: Annotated[tuple[Neighbour, ...], Field(max_length=64)] = ()

    def boxes(self) -> dict[str, list[Camera]]:
        """The cameras on each box."""
        carried: dict[str, list[Camera]] = defaultdict(list)
        for camera in self.features:
            carried[camera.properties.box].append(camera)
        return dict(carried)

    def geojson(self) -> dict[str, object]:
        """The cameras as the centre imports them."""
        cameras: list[Camera | Neighbour] = [*self.features, *self.around]
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": camera.geometry.model_dump(mode="json"),
                    "properties": camera.properties.model_dump(
                        include=set(Standing.model_fields), exclude_none=True
                    ),
                }
                for camera in cameras
            ],
        }


def vtest_scene(clip: Path) -> Scene:
    """The scene that comes with the project, on `clip` (`vtest.avi`)."""
    return _with_videos(_read(VTEST_SCENE), [clip] * 3, VTEST_SCENE)


def scene_of(videos: Sequence[Path], cameras: Path | None) -> Scene:
    """One's own clips, at the cameras of the GeoJSON file `cameras` or 30 m apart.

    Raises:
        ConfigError: a clip is missing, or the file is not a scene, or fits the clips in no way.
    """
    for video in videos:
        if not video.is_file():
            raise ConfigError(f"--video {video}: no such file")
    if cameras is not None:
        return _with_videos(_read(cameras), videos, cameras)
    return Scene(features=tuple(_placed(i, video) for i, video in enumerate(videos)))


def _placed(i: int, video: Path) -> Camera:
    place = Point(type="Point", coordinates=(_FIRST_LON + i * _STEP_LON, _FIRST_LAT))
    box = f"box-{'ab'[i % 2]}"
    known = CameraProperties(id=f"camera-{i + 1}", name=video.stem, box=box, video=video.resolve())
    return Camera(type="Feature", geometry=place, properties=known)


def _read(path: Path) -> Scene:
    try:
        if path.stat().st_size > MAX_SCENE_BYTES:
            raise ConfigError(f"{path}: over {MAX_SCENE_BYTES} bytes; is it the right file?")
        return Scene.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        said = explain(error) if isinstance(error, ValidationError) else str(error)
        raise ConfigError(f"{path}: not a GeoJSON FeatureCollection of cameras: {said}") from error


def _with_videos(scene: Scene, videos: Sequence[Path], source: Path) -> Scene:
    waiting = list(videos)
    features = []
    for camera in scene.features:
        own = camera.properties.video
        if own is None and not waiting:
            raise ConfigError(
                f"{source}: camera {camera.properties.id} has no clip; give it a `video`, "
                "or one --video for each camera"
            )
        video = (source.parent / own if own is not None else waiting.pop(0)).resolve()
        properties = camera.properties.model_copy(update={"video": video})
        features.append(camera.model_copy(update={"properties": properties}))
    streets = None if scene.streets is None else source.parent / scene.streets
    return scene.model_copy(update={"features": tuple(features), "streets": streets})
