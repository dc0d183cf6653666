"""What a change of a camera does to what it sees."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection

from central.cameras.model import Camera, CameraChange, NewCamera
from central.cameras.views import derive
from central.cameras.views.derive import Standing
from central.cameras.views.plane import Plane
from central.errors import InputError

# A polygon that was right stays right when the place is only written more exactly.
_SAME_PLACE_M = 1.0
_PLACING = {"position", "azimuth_deg", "view"}


def standing(camera: NewCamera) -> Standing:
    """What `camera` sees depends on this alone."""
    return Standing(camera.position, camera.azimuth_deg, camera.view)


def areas_of(connection: Connection, cameras: Sequence[NewCamera]) -> list[str | None]:
    """The coverage of each of `cameras`; see `derive.areas`."""
    return derive.areas(connection, [standing(camera) for camera in cameras])


def check_change(before: Camera, after: Camera, wanted: CameraChange) -> None:
    """Refuse a change that makes no sense for what the camera sees.

    Raises:
        InputError: the view belongs to the place that the camera leaves, or `valid_from` comes
            without anything that it could be said of.
    """
    if wanted.valid_from is not None and not wanted.model_fields_set & _PLACING:
        raise InputError(
            "valid_from says since when position, azimuth_deg or view are so; give one"
        )
    if "view" not in wanted.model_fields_set:
        check_move(before, after)


def places(before: Camera, after: Camera, wanted: CameraChange) -> bool:
    """Whether a change says anything of where a camera is and what it sees."""
    return wanted.valid_from is not None or standing(before) != standing(after)


def check_move(before: NewCamera, after: NewCamera) -> None:
    """Refuse to take a view to another place than the one it belongs to.

    Raises:
        InputError: it has a polygon by hand or ground points, and the camera moves.
    """
    view = before.view
    if view is None or not view.is_bound_to_place or not _moves(before, after):
        return
    what = "polygon" if view.polygon is not None else "ground points"
    raise InputError(
        f"the camera moves, and the {what} of its view belong to where it stood; give a new `view` "
        "with the new position, or null"
    )


def refused(
    connection: Connection, pairs: Sequence[tuple[NewCamera | None, NewCamera]]
) -> dict[str, str]:
    """Why cameras cannot be imported so, by id: `pairs` of each as it is and as it would be."""
    reasons: dict[str, str] = {}
    for before, after in pairs:
        try:
            if before is not None and before.view == after.view:
                check_move(before, after)
            derive.check(connection, standing(after))
        except InputError as error:
            reasons[after.id] = str(error)
    return reasons


def _moves(before: NewCamera, after: NewCamera) -> bool:
    if before.position is None or after.position is None:
        return before.position != after.position
    there = np.array([[after.position.lon, after.position.lat]])
    return bool(np.hypot(*Plane(before.position).metres(there)[0]) > _SAME_PLACE_M)
