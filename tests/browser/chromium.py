"""Chromium for tests: the fixtures `browser`, `page` and `watch`, for any conftest to import.

`page` is the console's window as a control centre has it. What the page must never do (a script
error, a request to another origin) fails the test that used it, when it ends.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

WIDTH, HEIGHT = 1440, 900
DIST = Path(__file__).parents[2] / "central" / "console" / "dist"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Software WebGL, and none of the browser's own errands over the network.
FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
)

# How long a page takes depends on who else uses the machine; what never comes still fails.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


class PageWatch:
    """What a page did that it should not. Clear `errors` after provoking one on purpose."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self._page = page
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "GPU stall" not in message.text:
            self.errors.append(message.text)

    def _on_request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in {"data", "blob"} and asked.hostname not in {
            "127.0.0.1",
            "localhost",
        }:
            self.foreign.append(request.url)


def opened(page: Page, url: str) -> Page:
    """`page` with the console at `url`, the map ready to be drawn on."""
    page.goto(url)
    expect(page.locator(".map")).to_have_attribute("data-ready", "true")
    return page


def settled(page: Page) -> Page:
    """`page` once nothing loads and the map has nothing left to draw: the time for a picture."""
    page.wait_for_load_state("networkidle")
    # Those out of sight load when they are scrolled to.
    expect(page.locator("img.crop").first).to_have_js_property("complete", value=True)
    page.wait_for_selector(".map-ground[data-idle=true]")
    return page


def tick(page: Page, camera: str) -> None:
    """Make the first match at `camera` a stop of the route."""
    page.get_by_role("checkbox", name=re.compile(f"Stop of the route: {camera}")).first.check()


@pytest.fixture(scope="session")
def console_dist() -> Path:
    """The built console, or skip."""
    if not (DIST / "index.html").is_file():
        pytest.skip(f"the console is not built: no {DIST}/index.html; run `make console`")
    return DIST


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module, or skip.

    For no longer: while playwright is there, its event loop runs in this thread, and nothing else
    that comes after can run one.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no Chromium: none of {', '.join(PROGRAMS)} is on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(FLAGS), timeout=PATIENCE_MS
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window, dark, English, in Korea's time zone."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="en-GB",
        timezone_id="Asia/Seoul",
        color_scheme="dark",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    yield page
    context.close()


@pytest.fixture
def watch(page: Page) -> Iterator[PageWatch]:
    """Fails the test at its end when `page` logged an error or asked another origin."""
    seen = PageWatch(page)
    yield seen
    assert seen.errors == []
    assert seen.foreign == []
