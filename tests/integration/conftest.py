"""The whole product at once: its programs, and its page in Chromium."""

from tests.browser.chromium import browser, console_dist, page, watch

__all__ = ["browser", "console_dist", "page", "watch"]
