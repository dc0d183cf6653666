"""Groups of cameras: make, change, list."""

from fastapi import APIRouter, Response

from central.api.common import PREFIX, ThePage, TheServices
from central.api.etags import TheCondition, digest, quoted
from central.cameras import groups
from central.cameras.groups import Group, GroupChange, GroupName, GroupSummary, NewGroup
from central.values import Page

router = APIRouter(prefix=f"{PREFIX}/camera-groups", tags=["cameras"])


@router.get("")
def list_groups(services: TheServices, page: ThePage) -> Page[GroupSummary]:
    """Groups by name, with how many cameras each has."""
    return groups.page(services.engine, page.limit, page.cursor)


@router.post("", status_code=201)
def create_group(services: TheServices, response: Response, group: NewGroup) -> Group:
    """Make a group; 409 when its name is taken.

    A camera of several groups is kept for the longest that any of them says; one whose groups say
    nothing, as the centre is set.
    """
    return _tagged(response, groups.create(services.engine, group))


@router.get("/{group}")
def get_group(services: TheServices, response: Response, group: GroupName) -> Group:
    """One group and its cameras; its ETag is what `If-Match` of a change names."""
    return _tagged(response, groups.get(services.engine, group))


@router.patch("/{group}")
def change_group(
    services: TheServices,
    response: Response,
    group: GroupName,
    change: GroupChange,
    condition: TheCondition,
) -> Group:
    """Change a group's name, days or members; 412 when it was changed since (`If-Match`).

    Fewer days count from the next purge on.
    """
    changed = groups.change(
        services.engine, group, change, lambda found: condition.check(_tag(found))
    )
    return _tagged(response, changed)


@router.delete("/{group}", status_code=204)
def delete_group(services: TheServices, group: GroupName, condition: TheCondition) -> None:
    """Delete a group; 412 when it was changed since (`If-Match`).

    Its cameras stay, and are kept as if it had never been.
    """
    groups.remove(services.engine, group, lambda found: condition.check(_tag(found)))


def _tag(group: Group) -> str:
    return digest(group.model_dump_json().encode())


def _tagged(response: Response, found: Group) -> Group:
    response.headers.update(quoted(_tag(found)))
    return found
