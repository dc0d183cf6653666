"""The console's page in Chromium: what an operator does, and what must never happen."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Page, expect

from central.search.model import SearchRequest
from tests.browser.canned import PEOPLE, START, city, crop, street
from tests.browser.chromium import PageWatch, opened, settled, tick
from tests.browser.fake_centre import FakeCentre, serve
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


def ground_brightness(page: Page) -> float:
    """How bright the map is on the whole, from 0 to 255: most of it is ground."""
    picture = Image.open(BytesIO(page.locator(".map canvas").screenshot())).convert("L")
    return float(ImageStat.Stat(picture).median[0])


@pytest.mark.usefixtures("watch")
def test_the_page_opens_with_the_cameras_on_the_map_and_recent_pictures(
    page: Page, centre: FakeCentre
) -> None:
    opened(page, centre.url)
    for name in ("West", "Middle", "East"):
        expect(page.locator(".camera-name", has_text=name)).to_be_visible()
    expect(page.get_by_text("Depot gate")).to_be_visible()
    expect(page.get_by_text("not placed")).to_be_visible()
    pictures = page.locator(".side img.crop")
    expect(pictures).to_have_count(len(centre.canned.sightings))
    assert pictures.first.evaluate("image => image.decode().then(() => image.naturalWidth)") == 96


@pytest.mark.usefixtures("watch")
def test_a_city_of_cameras_is_drawn_by_the_map_and_not_as_elements(
    page: Page, console_dist: Path
) -> None:
    with serve(FakeCentre(city(2_700), console_dist)) as centre:
        opened(page, centre.url)
        expect(page.get_by_text("2,700 cameras")).to_be_visible()
        expect(page.get_by_text("2,600 more")).to_be_visible()
        # The map has gone to the city, so the cameras are on it.
        expect(page.locator(".coordinate", has_text="126.9")).not_to_have_count(0)
        assert page.locator(".map-over > *").count() < 40
        page.get_by_role("searchbox").fill("Camera 2699")
        expect(page.locator(".camera-list li")).to_have_count(1)


@pytest.mark.usefixtures("watch")
def test_picking_a_sighting_searches_with_it_and_ticking_matches_draws_the_route(
    page: Page, centre: FakeCentre
) -> None:
    west, _, _ = centre.canned.of_person(1)
    opened(page, centre.url)
    page.locator(f".side .card:has(img[src*='{west.id}'])").click()
    expect(page).to_have_url(re.compile(f"query={west.id}"))
    expect(page.locator(".candidate")).to_have_count(len(centre.canned.sightings) - 1)
    tick(page, "Middle")
    tick(page, "East")
    expect(page.locator(".stop-mark")).to_have_text(["1", "2", "3"])
    page.get_by_role("button", name="Draw route").click()
    expect(page).to_have_url(re.compile("route="))
    expect(page.locator(".totals")).to_contain_text("25 m")


@pytest.mark.usefixtures("watch")
def test_a_shared_address_shows_matches_and_route_together_and_back_undoes_what_was_ticked(
    page: Page, centre: FakeCentre
) -> None:
    stops = centre.canned.of_person(3)
    route = centre.draw(stops)
    opened(page, f"{centre.url}/?query={stops[1].id}&route={route.id}")
    expect(page.locator(".stop-mark")).to_have_text(["1", "2", "3"])
    expect(page.locator(".stops tr.stop")).to_have_count(3)
    expect(page.locator(".candidate input:checked")).to_have_count(2)
    utc = page.locator(".stops time").first.get_attribute("title")
    assert utc is not None
    assert utc.endswith("UTC")
    page.get_by_role("button", name="Remove the stop at West").click()
    expect(page.locator(".stop-mark")).to_have_text(["1", "2"])
    expect(page.get_by_text("Stops changed")).to_be_visible()
    page.get_by_role("button", name="Draw route").click()
    expect(page.get_by_text("Stops changed")).to_be_hidden()
    page.go_back()
    expect(page.locator(".stop-mark")).to_have_text(["1", "2", "3"])


@pytest.mark.usefixtures("watch")
def test_chosen_cameras_and_times_narrow_the_search(page: Page, centre: FakeCentre) -> None:
    query = centre.canned.of_person(2)[0]
    opened(page, f"{centre.url}/?query={query.id}")
    page.get_by_role("checkbox", name="West", exact=True).check()
    page.get_by_role("radio", name="7 d").check()
    expect(page.get_by_text("9 matches")).to_be_visible()
    # Each choice asks anew; the page may still show what the first of them found.
    wait_until(lambda: any(each.from_ is not None for each in centre.searches), 30)
    (asked,) = (each for each in centre.searches if each.from_ is not None)
    assert asked.cameras is not None
    assert asked.cameras.ids == ["demo-west"]
    assert asked.from_ is not None
    assert asked.from_ > START
    page.get_by_role("radio", name="By camera").check()
    expect(page.locator(".group")).to_have_text(re.compile("West"))


@pytest.mark.usefixtures("watch")
def test_words_are_shown_and_narrow_pictures_and_search(page: Page, centre: FakeCentre) -> None:
    opened(page, centre.url)
    first = page.locator(".side .card").first
    expect(first.locator(".words")).to_have_text("red")
    expect(first.locator(".words")).to_have_attribute(
        "title", "backpack: no (62 %)\nupper clothing: red (71 %)"
    )
    page.get_by_text("What it looks like").click()
    page.get_by_role("combobox", name="upper clothing", exact=True).select_option(label="blue")
    expect(page.locator(".side .card")).to_have_count(6)
    page.get_by_role("combobox", name="backpack").select_option(label="yes")
    page.get_by_role("combobox", name="At least").select_option(label="50 %")
    page.locator(".side .card").first.click()
    expect(page.locator(".candidate").first).to_be_visible()
    asked = centre.searches[-1]
    assert asked.attributes == {"upper_colour": ["blue"], "backpack": ["yes"]}
    assert asked.least_confidence == 0.5
    page.get_by_role("radio", name="KO").check()
    expect(page.get_by_role("combobox", name="상의 색")).to_have_value("blue")
    expect(page.locator(".query-text .words")).to_have_text("배낭 · 파랑")


@pytest.mark.usefixtures("watch")
def test_a_radius_is_drawn_with_the_pointer_and_a_camera_chosen_by_a_click(
    page: Page, centre: FakeCentre
) -> None:
    opened(page, centre.url)
    area = page.locator(".map").bounding_box()
    assert area is not None
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    # East stands at the right, its name below it; its dot is drawn after its name is put there.
    east = page.locator(".camera-name", has_text="East")
    expect(east).to_be_visible()
    settled(page)
    name = east.bounding_box()
    assert name is not None
    page.mouse.click(name["x"] + name["width"] / 2, name["y"] - 10)
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("button", name="Draw radius").click()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 250, y, steps=4)
    page.mouse.up()
    metres = page.get_by_label("Radius in metres")
    assert 13 < float(metres.input_value()) < 18
    expect(page.get_by_text("3 chosen")).to_be_visible()
    metres.fill("5")
    expect(page.get_by_text("No camera stands within this radius")).to_be_visible()


@pytest.mark.usefixtures("watch")
def test_a_picture_is_uploaded_and_searched_with(page: Page, centre: FakeCentre) -> None:
    opened(page, centre.url)
    chooser = page.locator("input[type=file]")
    chooser.set_input_files(
        {"name": "child.webp", "mimeType": "image/webp", "buffer": crop(4)},
    )
    expect(page.get_by_text("child.webp")).to_be_visible()
    expect(page.locator(".candidate").first).to_be_visible()
    chooser.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"no"})
    expect(page.get_by_text("That file is not a picture")).to_be_visible()


@pytest.mark.usefixtures("watch")
def test_words_are_read_shown_and_searched_by_without_what_was_taken_away(
    page: Page, centre: FakeCentre
) -> None:
    opened(page, centre.url)
    page.get_by_role("checkbox", name="West", exact=True).check()
    ask = page.get_by_role("textbox", name="Ask by words or plate")
    ask.fill("와인색 상의 배낭 어제 오후 3시 서울역")
    ask.press("Enter")
    expect(page.locator(".chip")).to_have_text(
        ["Person", "upper clothing: red", "backpack", re.compile("Mar 13, 14:30")]
    )
    expect(page.get_by_text("Not understood: 서울역")).to_be_visible()
    expect(page.get_by_text("Taken more widely: 와인색 → upper clothing: red")).to_be_visible()
    expect(page.get_by_text("Nothing found")).to_be_visible()
    asked = centre.searches[-1]
    assert isinstance(asked, SearchRequest)
    assert asked.by is None
    assert asked.attributes == {"upper_colour": ["red"], "backpack": ["yes"]}
    assert asked.from_ == START - timedelta(days=1, minutes=50)
    assert asked.cameras is not None
    assert asked.cameras.ids == ["demo-west"]
    page.get_by_role("button", name="Leave out: backpack").click()
    expect(page.locator(".candidate")).to_have_count(2)
    # One of them is searched with: the words that found it are done with.
    page.get_by_role("button", name="Search with this one").first.click()
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.locator(".candidate")).to_have_count(PEOPLE - 1)


@pytest.mark.usefixtures("watch")
def test_words_narrow_the_search_with_a_sighting(page: Page, centre: FakeCentre) -> None:
    query = centre.canned.of_person(1)[0]
    centre.note = "The index is away: what is in scope was compared in the database."
    opened(page, f"{centre.url}/?query={query.id}")
    expect(page.get_by_text(centre.note)).to_be_visible()
    ask = page.get_by_role("textbox", name="Ask by words or plate")
    ask.fill("파란 상의")
    ask.press("Enter")
    expect(page.locator(".candidate")).to_have_count(5)
    asked = centre.searches[-1]
    assert isinstance(asked, SearchRequest)
    assert asked.by is not None
    assert asked.by.ids == [query.id]
    page.get_by_role("button", name="Leave out the words").click()
    expect(page.locator(".candidate")).to_have_count(len(centre.canned.sightings) - 1)


@pytest.mark.usefixtures("watch")
def test_confirmed_and_hidden_matches_are_told_to_the_next_search_when_it_is_asked_for(
    page: Page, centre: FakeCentre
) -> None:
    west, middle, east = centre.canned.of_person(1)
    opened(page, f"{centre.url}/?query={west.id}")
    expect(page.locator(".candidate .reach").first).to_have_text(re.compile("min on foot"))
    tick(page, "Middle")
    wrong = page.locator(f".candidate:has(img[src*='{centre.canned.of_person(5)[0].id}'])")
    wrong.hover()
    wrong.get_by_role("button", name="Not the one: hide").click()
    expect(wrong).to_have_count(0)
    expect(page.get_by_text("1 hidden")).to_be_visible()
    page.get_by_role("button", name="Search again · 1 confirmed · 1 ruled out").click()
    expect(page.locator(".candidate")).to_have_count(len(centre.canned.sightings) - 3)
    # Ticking and hiding alone have asked for nothing.
    assert [each.confirmed for each in centre.searches] == [[], [middle.id]]
    assert centre.searches[-1].rejected == [centre.canned.of_person(5)[0].id]
    expect(page.get_by_role("button", name="Search again")).to_have_count(0)
    # With another picture of the same one, the first query is a stop as well.
    page.locator(f".candidate:has(img[src*='{east.id}'])").hover()
    page.locator(f".candidate:has(img[src*='{east.id}'])").get_by_role(
        "button", name="Search with this one"
    ).click()
    expect(page).to_have_url(re.compile(f"query={east.id}"))
    expect(page.locator(".query-text strong")).to_have_text("East")
    expect(page.locator(".candidate")).to_have_count(len(centre.canned.sightings) - 4)
    assert set(centre.searches[-1].confirmed) == {west.id, middle.id}
    expect(page.locator(".stop-mark")).to_have_text(["1", "2", "3"])
    expect(page.get_by_role("button", name="Search again")).to_have_count(0)


def test_an_error_of_the_centre_is_shown_in_its_own_words_and_can_be_tried_again(
    page: Page, centre: FakeCentre, watch: PageWatch
) -> None:
    centre.failure = "the index is being rebuilt; try again in a minute"
    query = centre.canned.of_person(0)[0]
    opened(page, f"{centre.url}/?query={query.id}")
    expect(page.get_by_role("alert")).to_contain_text(centre.failure)
    centre.failure = None
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".candidate").first).to_be_visible()
    assert all("503" in error for error in watch.errors)
    watch.errors.clear()


def test_a_route_that_does_not_exist_says_so(
    page: Page, centre: FakeCentre, watch: PageWatch
) -> None:
    opened(page, f"{centre.url}/?route=00000000-0000-7000-8000-000000000000")
    expect(page.get_by_role("alert")).to_contain_text("no route")
    watch.errors.clear()


@pytest.mark.usefixtures("watch")
def test_the_page_speaks_korean_when_asked_and_remembers_it(page: Page, centre: FakeCentre) -> None:
    opened(page, centre.url)
    page.get_by_role("radio", name="KO").check()
    expect(page.get_by_role("heading", name="동선")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="동선")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ko")


@pytest.mark.usefixtures("watch")
def test_the_theme_follows_the_system_while_the_page_is_open(
    page: Page, centre: FakeCentre
) -> None:
    stops = centre.canned.of_person(3)
    opened(page, f"{centre.url}/?route={centre.draw(stops).id}")
    expect(page.locator(".stop-mark")).to_have_count(3)
    assert ground_brightness(settled(page)) < 80
    page.emulate_media(color_scheme="light")
    expect(page.locator("body")).to_have_css("background-color", "rgb(233, 237, 241)")
    wait_until(lambda: ground_brightness(page) > 200, 60)
    expect(page.locator(".stop-mark")).to_have_count(3)


def test_the_canned_street_is_the_same_each_time() -> None:
    assert street() == street()
