"""What the log tells of a search, whatever became of it."""

from contextlib import AbstractContextManager

from central.audit import failing
from central.cameras.selection import CameraScope
from central.search.model import SearchOptions, SearchRequest

_MAX_SHAPE = 500


def failures_told(options: SearchOptions, event: str = "search") -> AbstractContextManager[None]:
    """Write a search (or another `event`) that fails to the log, too."""
    return failing(event, **told(options), **_looks(options))


def told(options: SearchOptions) -> dict[str, object]:
    """Where, when and why was looked, and for what besides looks."""
    hours = options.hours
    return {
        "purpose": options.purpose,
        "window": [str(options.from_), str(options.to)],
        "hours": None if hours is None else hours.model_dump(mode="json"),
        "scope": None if options.cameras is None else _shapes(options.cameras),
        "object_class": options.object_class,
        "attributes": options.attributes,
        "plate": options.plate,
        "confirmed": len(options.confirmed),
        "rejected": len(options.rejected),
    }


def _looks(options: SearchOptions) -> dict[str, object]:
    """What was named to look alike; a picture that came with the request has no name."""
    by = options.by if isinstance(options, SearchRequest) else None
    if by is None:
        return {}
    return {
        "sightings": [str(identifier) for identifier in by.ids],
        "pictures": [f"{each.picture}/{each.object}" for each in by.objects],
    }


def _shapes(scope: CameraScope) -> dict[str, object]:
    """How the cameras were chosen; ids as their number, long outlines cut."""
    drawn = scope.model_dump(mode="json", exclude={"ids"}, exclude_none=True)
    shown: dict[str, object] = {name: str(value)[:_MAX_SHAPE] for name, value in drawn.items()}
    return shown if scope.ids is None else {"ids": len(scope.ids), **shown}
