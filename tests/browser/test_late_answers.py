"""Answers that come late or out of order: what the page makes of them."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import opened, tick
from tests.browser.fake_centre import FakeCentre
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("watch")]


def drawn(page: Page) -> None:
    """Wait until the page has drawn what it knows."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


class Held:
    """Requests whose address ends as `path` says, a pattern: each waits until it is released."""

    def __init__(self, page: Page, path: str) -> None:
        self._page = page
        self._asked: list[Route] = []
        page.route(re.compile(f"/api/v1/{path}$"), self._hold)

    def _hold(self, route: Route) -> None:
        self._asked.append(route)

    def wait(self, count: int = 1) -> None:
        """Until so many have been asked for."""

        def is_asked() -> bool:
            drawn(self._page)
            return len(self._asked) >= count

        wait_until(is_asked, 60)

    def release(self, which: int = 0) -> None:
        """Let one through, and wait until the page has made of its answer what it makes."""
        route = self._asked[which]
        with self._page.expect_response(lambda answer: answer.request == route.request) as answer:
            route.fallback()
        answer.value.finished()
        drawn(self._page)


def test_matches_wait_for_the_sighting_that_is_the_first_stop(
    page: Page, centre: FakeCentre
) -> None:
    west, _, _ = centre.canned.of_person(1)
    sighting = Held(page, f"sightings/{west.id}")
    with page.expect_response("**/api/v1/search") as found:
        opened(page, f"{centre.url}/?query={west.id}")
    found.value.finished()
    drawn(page)
    expect(page.locator(".candidate")).to_have_count(0)
    sighting.release()
    tick(page, "Middle")
    expect(page.locator(".stop-mark")).to_have_text(["1", "2"])


def test_matches_wait_for_the_route_whose_stops_they_join(page: Page, centre: FakeCentre) -> None:
    west, middle, _ = centre.canned.of_person(1)
    key = centre.draw([west, middle]).id
    route = Held(page, f"routes/{key}")
    with page.expect_response("**/api/v1/search") as found:
        opened(page, f"{centre.url}/?query={west.id}&route={key}")
    found.value.finished()
    expect(page.locator(".query-text strong")).to_have_text("West")
    drawn(page)
    expect(page.locator(".candidate")).to_have_count(0)
    route.release()
    tick(page, "East")
    expect(page.locator(".stop-mark")).to_have_text(["1", "2", "3"])


def test_matches_of_one_are_never_shown_as_those_of_another(page: Page, centre: FakeCentre) -> None:
    first, other = (centre.canned.of_person(person)[0] for person in (1, 5))
    opened(page, f"{centre.url}/?query={first.id}")
    expect(page.locator(".candidate")).to_have_count(len(centre.canned.sightings) - 1)
    page.get_by_role("button", name="Sightings", exact=True).click()
    search = Held(page, "search")
    page.locator(f".side .card:has(img[src*='{other.id}'])").click()
    search.wait()
    expect(page.locator(".query-text")).to_be_visible()
    expect(page.locator(".candidate")).to_have_count(0)
    search.release()
    expect(page.locator(".candidate")).to_have_count(len(centre.canned.sightings) - 1)


def test_a_route_that_comes_after_its_stops_were_cleared_is_not_opened(
    page: Page, centre: FakeCentre
) -> None:
    west, _, _ = centre.canned.of_person(1)
    opened(page, f"{centre.url}/?query={west.id}")
    tick(page, "Middle")
    kept = Held(page, "routes")
    page.get_by_role("button", name="Draw route").click()
    kept.wait()
    page.locator(".route").get_by_role("button", name="Clear").click()
    kept.release()
    tick(page, "Middle")
    tick(page, "East")
    expect(page.get_by_role("button", name="Draw route")).to_be_enabled()
    expect(page).not_to_have_url(re.compile("route="))
    expect(page.get_by_text("Stops changed")).to_have_count(0)


def test_what_else_is_proposed_stays_while_a_way_is_worked_out_anew(
    page: Page, centre: FakeCentre
) -> None:
    west, _, _ = centre.canned.of_person(1)
    opened(page, f"{centre.url}/?query={west.id}")
    page.get_by_role("button", name="Suggest the way").click()
    expect(page.locator(".proposal")).to_have_count(2)
    ways = Held(page, "routes/suggest")
    page.get_by_role("button", name="Confirm the stop at East").click()
    ways.wait()
    expect(page.locator(".proposal")).to_have_count(1)
    expect(page.get_by_role("button", name="Not the one, at Middle")).to_be_visible()
    ways.release()
    expect(page.locator(".proposal")).to_have_count(1)


def test_older_pictures_of_a_scope_that_is_left_do_not_push_out_those_of_the_next(
    page: Page, centre: FakeCentre
) -> None:
    def paged(route: Route) -> None:
        answer = route.fetch()
        items = answer.json()["items"]
        is_older = "cursor=" in route.request.url
        part, more = (items[5:8], None) if is_older else (items[:5], "older")
        route.fulfill(response=answer, json={"items": part, "next_cursor": more})

    page.route(re.compile(r"/api/v1/sightings\?"), paged)
    older = Held(page, r"sightings\?.*cursor=older")
    opened(page, centre.url)
    page.get_by_role("button", name="Show older").click()
    older.wait()
    page.get_by_role("checkbox", name="West", exact=True).check()
    expect(page.locator(".side .card-camera")).to_have_text(["West"] * 5)
    page.get_by_role("button", name="Show older").click()
    older.wait(2)
    older.release(1)
    expect(page.locator(".side .card")).to_have_count(8)
    older.release(0)
    expect(page.locator(".side .card")).to_have_count(8)


def test_nothing_is_said_to_be_empty_while_the_cameras_of_a_radius_are_asked_for(
    page: Page, centre: FakeCentre
) -> None:
    opened(page, centre.url)
    expect(page.locator(".side .card")).to_have_count(len(centre.canned.sightings))
    within = Held(page, "cameras/select")
    page.get_by_role("button", name="Use map centre").click()
    within.wait()
    expect(page.get_by_text("No sightings here")).to_have_count(0)
    within.release()
    expect(page.locator(".side .card")).to_have_count(len(centre.canned.sightings))
