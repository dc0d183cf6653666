"""Groups of cameras: make, change, list."""

from fastapi import APIRouter

from central.api.common import PREFIX, ThePage, TheServices
from central.cameras import groups
from central.cameras.groups import Group, GroupChange, GroupName, GroupSummary, NewGroup
from central.values import Page

router = APIRouter(prefix=f"{PREFIX}/camera-groups", tags=["cameras"])


@router.get("")
def list_groups(services: TheServices, page: ThePage) -> Page[GroupSummary]:
    """Groups by name, with how many cameras each has."""
    return groups.page(services.engine, page.limit, page.cursor)


@router.post("", status_code=201)
def create_group(services: TheServices, group: NewGroup) -> Group:
    """Make a group; 409 when its name is taken.

    A camera of several groups is kept for the longest that any of them says; one whose groups say
    nothing, as the centre is set.
    """
    return groups.create(services.engine, group)


@router.get("/{group}")
def get_group(services: TheServices, group: GroupName) -> Group:
    """One group and its cameras."""
    return groups.get(services.engine, group)


@router.patch("/{group}")
def change_group(services: TheServices, group: GroupName, change: GroupChange) -> Group:
    """Change a group's name, days or members. Fewer days count from the next purge on."""
    return groups.change(services.engine, group, change)


@router.delete("/{group}", status_code=204)
def delete_group(services: TheServices, group: GroupName) -> None:
    """Delete a group; its cameras stay, and are kept as if it had never been."""
    groups.remove(services.engine, group)
