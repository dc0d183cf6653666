"""Why somebody searches, on the console's page: what it goes with, and what it does not touch."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.canned import crop
from tests.browser.chromium import opened
from tests.browser.fake_centre import FakeCentre
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("watch")]

REPORT = "실종 신고 2026-0131"


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Purpose")


def purpose_in(address: str) -> list[str]:
    return parse_qs(urlsplit(address).query).get("purpose", [])


def draw_to_the_middle(page: Page) -> None:
    page.get_by_role("checkbox", name=re.compile("Stop of the route: Middle")).first.check()
    page.get_by_role("button", name="Draw route").click()
    expect(page).to_have_url(re.compile("route="))


def test_a_purpose_goes_with_what_is_asked_from_then_on_and_stands_with_the_drawn_route(
    page: Page, centre: FakeCentre
) -> None:
    first, other = (centre.canned.of_person(person)[0] for person in (1, 4))
    opened(page, f"{centre.url}/?query={first.id}")
    expect(page.locator(".candidate").first).to_be_visible()
    field(page).press_sequentially(f" {REPORT}")
    page.get_by_role("button", name="Suggest the way").click()
    expect(page.locator(".path")).to_have_count(2)
    # The search that had been made was not made again for it.
    assert [each.purpose for each in centre.searches] == [None]
    assert [each.search.purpose for each in centre.suggestions] == [REPORT]
    page.get_by_role("button", name="Where now?").click()
    expect(page.locator(".next-camera").first).to_be_visible()
    page.get_by_role("button", name="Matches", exact=True).click()
    with page.expect_request(re.compile(r"/routes/[0-9a-f-]{36}\?")) as read:
        draw_to_the_middle(page)
    assert purpose_in(read.value.url) == [REPORT]
    assert [each.purpose for each in centre.drawn] == [REPORT]
    expect(page.get_by_text(f"Purpose: {REPORT}")).to_be_visible()
    page.get_by_role("button", name="Where now?").click()
    wait_until(lambda: len(centre.asked_next) > 1, 30)
    assert {each.purpose for each in centre.asked_next} == {REPORT}
    page.get_by_text("Save as").click()
    links = [link.get_attribute("href") or "" for link in page.locator(".menu a").all()]
    assert [purpose_in(link) for link in links] == [[REPORT]] * 5
    opened(page, f"{centre.url}/?query={other.id}")
    wait_until(lambda: len(centre.searches) > 1, 30)
    page.locator("input[type=file]").set_input_files(
        {"name": "child.webp", "mimeType": "image/webp", "buffer": crop(4)}
    )
    wait_until(lambda: len(centre.searches) > 2, 30)
    assert {each.purpose for each in centre.searches[1:]} == {REPORT}


def test_a_purpose_outlives_a_reload_but_is_in_no_shared_address(
    page: Page, centre: FakeCentre
) -> None:
    opened(page, centre.url)
    field(page).fill("case 7")
    page.locator(".side .card").first.click()
    expect(page).to_have_url(re.compile("query="))
    wait_until(lambda: [each.purpose for each in centre.searches] == ["case 7"], 30)
    assert "purpose" not in page.url
    assert "case" not in page.url
    page.reload()
    expect(field(page)).to_have_value("case 7")
    wait_until(lambda: [each.purpose for each in centre.searches] == ["case 7"] * 2, 30)
    # Another tab, as whoever is sent the address has it.
    elsewhere = opened(page.context.new_page(), page.url)
    expect(field(elsewhere)).to_have_value("")
    wait_until(lambda: len(centre.searches) > 2, 30)
    assert centre.searches[-1].purpose is None


def test_without_a_purpose_none_is_sent(page: Page, centre: FakeCentre) -> None:
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(f"{asked.url} {asked.post_data or ''}"))
    opened(page, f"{centre.url}/?query={centre.canned.of_person(1)[0].id}")
    field(page).fill("case 7")
    field(page).fill("   ")
    draw_to_the_middle(page)
    expect(page.locator(".totals")).to_contain_text("m")
    assert len(centre.searches) == len(centre.drawn) == 1
    assert not any("purpose" in each for each in sent)
    expect(page.get_by_text("Purpose:")).to_have_count(0)
