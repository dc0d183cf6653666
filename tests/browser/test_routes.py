"""Routes on the console's page: legs, where they can be now, suggested ways, layers, files."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from central.routes.verdicts import LegType
from tests.browser.chromium import opened
from tests.browser.fake_centre import FakeCentre
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("watch")]


def test_a_leg_says_its_type_why_and_which_cameras_to_ask_again(
    page: Page, centre: FakeCentre
) -> None:
    stops = centre.canned.of_person(3)
    opened(page, f"{centre.url}/?route={centre.draw(stops).id}")
    legs = page.locator(".stops tr.leg")
    expect(legs.nth(0)).to_contain_text("Not observed")
    expect(legs.nth(0)).to_contain_text("Passes the views of Middle, which did not report it")
    expect(legs.nth(1)).to_contain_text("Coverage gap")
    expect(legs.nth(1)).to_contain_text("8.0 m of 12 m are in no working camera's view")
    legend = page.get_by_role("list", name="Legend")
    expect(legend).to_contain_text("In no camera's view")
    legs.nth(0).get_by_role("button", name="Not observed").click()
    expect(legend).to_contain_text("Other ways of the leg")
    legs.nth(0).get_by_role("button", name="Middle").click()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("radio", name="KO").check()
    expect(legs.nth(0)).to_contain_text("Middle 시야를 지나지만 포착되지 않음")


def test_a_drawn_route_is_kept_with_how_it_was_searched_in_the_readers_language(
    page: Page, centre: FakeCentre
) -> None:
    west = centre.canned.of_person(1)[0]
    opened(page, f"{centre.url}/?query={west.id}")
    page.get_by_role("checkbox", name="West", exact=True).check()
    page.get_by_role("checkbox", name="Middle", exact=True).check()
    ask = page.get_by_role("textbox", name="Ask by words or plate")
    ask.fill("배낭")
    ask.press("Enter")
    expect(page.locator(".chip")).to_have_count(2)
    # Of four with a backpack, at two cameras, all but the one searched with.
    expect(page.locator(".candidate")).to_have_count(7)
    wrong = page.locator(".candidate").last
    wrong.hover()
    wrong.get_by_role("button", name="Not the one: hide").click()
    expect(page.locator(".candidate")).to_have_count(6)
    page.get_by_role("checkbox", name=re.compile("Stop of the route: Middle")).first.check()
    page.get_by_role("button", name="Draw route").click()
    expect(page).to_have_url(re.compile("route="))
    (asked,) = centre.drawn
    assert asked.searched is not None
    said = asked.searched.split("; ")
    assert said[0].startswith("Searched with the sighting at West, Mar 14, 2026")
    assert said[1:] == [
        "words “배낭”",
        "2 cameras (West, Middle)",
        "any time",
        "Person",
        "backpack",
        "2 confirmed",
        "1 ruled out.",
    ]
    page.get_by_role("radio", name="KO").check()
    expect(page.locator(".chip")).to_have_text(["사람", "배낭"])
    page.get_by_role("checkbox", name=re.compile("경로의 지점: Middle")).nth(1).check()
    page.get_by_role("button", name="경로 그리기").click()
    wait_until(lambda: len(centre.drawn) > 1, 30)
    assert centre.drawn[-1].searched is not None
    assert centre.drawn[-1].searched.endswith(
        "; 말 “배낭”; 카메라 2대(West, Middle); 모든 시간; 사람; 배낭; 확인 3건; 제외 1건."
    )


def test_a_contradiction_is_a_sign_at_both_stops_and_says_what_would_explain_it(
    page: Page, centre: FakeCentre
) -> None:
    centre.leg_types = [LegType.CONTRADICTION, LegType.OBSERVED]
    stops = centre.canned.of_person(3)
    opened(page, f"{centre.url}/?route={centre.draw(stops).id}")
    expect(page.locator(".stop-mark.warned")).to_have_text(["1", "2"])
    expect(page.get_by_role("img", name="Stop 1, West: contradicted")).to_be_visible()
    leg = page.locator(".leg.CONTRADICTION")
    expect(leg).to_contain_text("the least it takes is 42 s")
    expect(leg).to_contain_text("The clock of box-b is 37 s or more behind that of box-a")
    expect(leg.locator(".badge")).to_have_text("likely")


def test_where_they_can_be_now_names_cameras_that_become_the_scope(
    page: Page, centre: FakeCentre
) -> None:
    stops = centre.canned.of_person(3)
    opened(page, f"{centre.url}/?route={centre.draw(stops).id}")
    page.get_by_role("button", name="Where now?").click()
    cameras = page.locator(".next-camera")
    expect(cameras).to_have_count(2)
    expect(cameras.first).to_contain_text("60%")
    # The route is old: what came right after it is asked first, five minutes on.
    assert centre.asked_next[-1].now == stops[-1].last_seen + timedelta(minutes=5)
    page.get_by_role("slider", name="After the last stop").fill("20")
    wait_until(lambda: centre.asked_next[-1].now == stops[-1].last_seen + timedelta(minutes=20), 30)
    page.get_by_role("checkbox", name="Bus").check()
    wait_until(lambda: list(centre.asked_next[-1].modes) == ["walk", "bus"], 30)
    page.get_by_role("button", name="Choose these 2").click()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    expect(page.locator(".next-camera[aria-pressed=true]")).to_have_count(2)


def test_a_suggested_way_is_confirmed_stop_by_stop_and_worked_out_anew(
    page: Page, centre: FakeCentre
) -> None:
    west, _, east = centre.canned.of_person(1)
    opened(page, f"{centre.url}/?query={west.id}")
    page.get_by_role("button", name="Suggest the way").click()
    expect(page.locator(".path")).to_have_count(2)
    expect(page.locator(".path").nth(1)).to_contain_text("without Middle")
    # A way's log-odds say nothing to people.
    expect(page.locator(".path").first).not_to_contain_text(re.compile(r"score|[0-9]\.[0-9]"))
    expect(page.locator(".proposal")).to_have_count(2)
    page.get_by_role("button", name="Confirm the stop at East").click()
    expect(page.locator(".stop-mark")).to_have_text(["1", "2"])
    expect(page.locator(".proposal")).to_have_count(1)
    wait_until(lambda: centre.suggestions[-1].search.confirmed == [east.id], 30)
    page.get_by_role("button", name="Not the one, at Middle").click()
    wait_until(lambda: len(centre.suggestions[-1].search.rejected) == 1, 30)
    expect(page.locator(".suggest")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".path")).to_have_count(2)
    expect(page.locator(".proposal")).to_have_count(0)


def test_layers_are_switched_on_and_a_route_is_saved_as_files(
    page: Page, centre: FakeCentre
) -> None:
    route = centre.draw(centre.canned.of_person(3))
    opened(page, f"{centre.url}/?route={route.id}")
    page.get_by_role("checkbox", name="Learnt links").check()
    expect(page.locator(".caption")).to_have_text(["11 s"])
    page.get_by_role("checkbox", name="Camera views").check()
    expect(page.get_by_role("list", name="Legend")).to_contain_text("What a camera sees")
    page.get_by_text("Save as").click()
    files = [link.get_attribute("href") or "" for link in page.locator(".menu a").all()]
    assert [re.sub(rf".*{route.id}", "", file) for file in files] == [
        *(".geojson", ".mf.json", ".gpx", ".kml", "/report?lang=en")
    ]
