"""Which days are kept. Plain arithmetic on UTC dates: no clock, no zone, no summer time.

A sighting's day is the UTC date of `first_seen`. Days are counted from the end of that day, so
that nothing goes early: with 30 days, what was seen on 1 January goes when 31 January is over.
What was seen in the day's first second is then 31 days old, the longest that anything is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from central.db.tables import camera_group_members, camera_groups


@dataclass(frozen=True)
class Policy:
    """For how many days the sightings of each camera are kept.

    `by_camera` has only the cameras of groups that say so. A camera of several such groups is kept
    for the longest that any of them says: who puts a camera into a group with 90 days needs these,
    whatever another group says. A group with fewer days than the centre's own counts where no
    other group of the camera asks for more.
    """

    default_days: int
    by_camera: Mapping[str, int] = field(default_factory=dict)

    @property
    def shortest(self) -> int:
        """The days that everything is kept at least."""
        return min([self.default_days, *self.by_camera.values()])

    @property
    def longest(self) -> int:
        """The days after which nothing is kept."""
        return max([self.default_days, *self.by_camera.values()])

    def days(self, camera: str) -> int:
        """The days that `camera`'s sightings are kept."""
        return self.by_camera.get(camera, self.default_days)


def first_kept(today: date, days: int) -> date:
    """The oldest day that is still kept on `today` (UTC)."""
    return today - timedelta(days=days)


def is_outlived(day: date, today: date, days: int) -> bool:
    """Whether what was seen on `day` has been kept for `days` when `today` (UTC) begins."""
    return day < first_kept(today, days)


@dataclass(frozen=True)
class Rule:
    """A policy on a day."""

    policy: Policy
    today: date

    @property
    def all_kept_from(self) -> date:
        """The first of the days of which everything is kept."""
        return first_kept(self.today, self.policy.shortest)

    @property
    def some_kept_from(self) -> date:
        """The oldest day of which anything may be kept."""
        return first_kept(self.today, self.policy.longest)

    def is_over(self, day: date) -> bool:
        """Whether nothing of `day` may be kept any more."""
        return day < self.some_kept_from

    def is_partly_over(self, day: date) -> bool:
        """Whether some cameras' sightings of `day` must go, and others stay."""
        return self.some_kept_from <= day < self.all_kept_from

    def is_outlived(self, day: date, camera: str) -> bool:
        """Whether `camera`'s sightings of `day` must go."""
        return is_outlived(day, self.today, self.policy.days(camera))

    def binds(self) -> dict[str, object]:
        """What `OUTLIVED` is told."""
        cameras = sorted(self.policy.by_camera)
        return {
            "today": self.today,
            "default_days": self.policy.default_days,
            "kept_cameras": cameras,
            "kept_days": [self.policy.by_camera[camera] for camera in cameras],
        }


KEPT = (
    "LEFT JOIN unnest(CAST(:kept_cameras AS text[]), CAST(:kept_days AS integer[])) "
    "AS kept(camera, days) USING (camera)"
)
"""Joins a table that has a column `camera` with the days it is kept; see `Rule.binds`."""

OUTLIVED_DAY = "(CAST(:today AS date) - coalesce(kept.days, CAST(:default_days AS integer)))"
"""The day before which what is joined with `KEPT` must go, in SQL as `Rule` has it."""


def read_policy(connection: Connection, default_days: int) -> Policy:
    """The centre's policy as its groups are now."""
    members, groups = camera_group_members, camera_groups
    longest = (
        select(members.c.camera, func.max(groups.c.retention_days))
        .join(groups, groups.c.name == members.c.group_name)
        .where(groups.c.retention_days.is_not(None))
        .group_by(members.c.camera)
    )
    found = connection.execute(longest)
    return Policy(default_days, {row[0]: row[1] for row in found if row[1] != default_days})
