"""Searches that are saved: kept, changed and run again."""

from uuid import UUID

from fastapi import APIRouter, Response

from central.api.common import PREFIX, ThePage, TheServices
from central.api.etags import TheCondition, quoted
from central.asking import saved
from central.asking.saved import NewSavedSearch, SavedSearch, SavedSummary
from central.audit import audit
from central.search import search
from central.search.model import SearchAnswer
from central.search.telling import failures_told
from central.values import Page

router = APIRouter(prefix=f"{PREFIX}/saved-searches", tags=["search"])


@router.post("", status_code=201)
def save_search(services: TheServices, response: Response, new: NewSavedSearch) -> SavedSearch:
    """Keep a search under a name."""
    made = saved.create(services.engine, services.clock, new)
    _audit("saved", made.id, new.purpose)
    return _tagged(response, made)


@router.get("")
def list_saved_searches(services: TheServices, page: ThePage) -> Page[SavedSummary]:
    """Saved searches, newest first."""
    return saved.page(services.engine, page.limit, page.cursor)


@router.get("/{identifier}")
def get_saved_search(services: TheServices, response: Response, identifier: UUID) -> SavedSearch:
    """One saved search; its ETag is what `If-Match` of a change names."""
    found = saved.get(services.engine, identifier)
    _audit("read", identifier, found.purpose)
    return _tagged(response, found)


@router.put("/{identifier}")
def replace_saved_search(
    services: TheServices,
    response: Response,
    identifier: UUID,
    new: NewSavedSearch,
    condition: TheCondition,
) -> SavedSearch:
    """Put another in its place; 412 when it was changed since (`If-Match`)."""
    changed = saved.replace(
        services.engine, services.clock, identifier, new, lambda found: condition.check(found.tag)
    )
    _audit("changed", identifier, new.purpose)
    return _tagged(response, changed)


@router.delete("/{identifier}", status_code=204)
def delete_saved_search(services: TheServices, identifier: UUID, condition: TheCondition) -> None:
    """Delete it; 412 when it was changed since (`If-Match`)."""
    saved.remove(services.engine, identifier, lambda found: condition.check(found.tag))
    _audit("deleted", identifier)


@router.post("/{identifier}/run")
def run_saved_search(services: TheServices, identifier: UUID) -> SearchAnswer:
    """Ask it again, now."""
    request = saved.get(services.engine, identifier).to_run
    _audit("run", identifier, request.purpose)
    with failures_told(request):
        return search.ask(services, request)


def _audit(what: str, identifier: UUID, purpose: str | None = None) -> None:
    audit("saved search", what=what, saved=str(identifier), purpose=purpose)


def _tagged(response: Response, found: SavedSearch) -> SavedSearch:
    response.headers.update(quoted(found.tag))
    return found
