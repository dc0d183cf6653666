"""How often one caller may ask."""

import math
import time
from collections import OrderedDict
from http import HTTPStatus

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from central.api.callers import caller
from central.api.common import PREFIX
from central.api.problems import problem

# Boxes upload clips in many small pieces, each with a token.
_FREE = f"{PREFIX}/uploads/"

MAX_CALLERS = 10_000
"""Callers that are counted at a time; one more, and who has not asked for longest starts anew."""


class RateLimits:
    """Answers 429 to whoever asks more often than `rate` (`N/minute`, several with `;`) allows.

    Counted in the process: each of several would allow as much again. What is not below the API's
    prefix (health, metrics, the page) is not counted.
    """

    def __init__(self, app: ASGIApp, rate: str, header: str | None) -> None:
        self._app = app
        self._rates = parse_many(rate)
        self._header = header
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        # The longest ago first. The library never forgets a caller by itself.
        self._callers: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or not _counts(scope["path"]):
            await self._app(scope, receive, send)
            return
        who = caller(scope, self._header)
        self._note(who)
        over = next((rate for rate in self._rates if not self._limiter.hit(rate, who)), None)
        if over is None:
            await self._app(scope, receive, send)
        else:
            await self._refuse(over, who, scope)(scope, receive, send)

    def _note(self, who: str) -> None:
        self._callers[who] = None
        self._callers.move_to_end(who)
        while len(self._callers) > MAX_CALLERS:
            forgotten, _ = self._callers.popitem(last=False)
            for rate in self._rates:
                self._limiter.clear(rate, forgotten)

    def _refuse(self, rate: RateLimitItem, who: str, scope: Scope) -> ASGIApp:
        # The library counts by the wall clock.
        resets = self._limiter.get_window_stats(rate, who).reset_time
        wait = max(1, math.ceil(resets - time.time()))
        return problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"more than {rate} requests; ask again in {wait} s, or have "
            "DONGSEON_CENTRAL_RATE_LIMIT raised",
            scope["path"],
            headers={"retry-after": str(wait)},
        )


def _counts(path: str) -> bool:
    return path.startswith(f"{PREFIX}/") and not path.startswith(_FREE)
