"""Requests, sent again only where that is safe."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

import httpx

from central.client.errors import CentreAway, error_of

_AGAIN = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
# RFC 9110, section 9.2.2: sent twice, these do what once does.
_SAFE_TWICE = frozenset({"GET", "HEAD", "PUT", "DELETE"})


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


class Retries(NamedTuple):
    """How often and how patiently to send again. `wait` waits that many seconds."""

    most: int = 2
    first_s: float = 0.2
    longest_s: float = 5.0
    wait: Callable[[float], None] = _wait

    def pause(self, attempt: int, answer: httpx.Response | None) -> float:
        """Seconds to wait after `attempt` (from 0): what the centre asks for, or ever more."""
        asked = "" if answer is None else answer.headers.get("retry-after", "")
        wanted = float(asked) if asked.isdecimal() else self.first_s * 2**attempt
        return min(wanted, self.longest_s)


class Sender:
    """Sends requests below a base URL, and turns failures into errors by kind."""

    def __init__(self, http: httpx.Client, retries: Retries) -> None:
        self._http = http
        self._retries = retries

    def send(self, method: str, path: str, *, safe: bool = False, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        """The answer, a success or 304.

        `safe`: a POST that changes nothing, or has an Idempotency-Key. `options` are httpx's.

        Raises:
            CentreAway: no answer, however often it was safe to ask.
            CentreError: the centre did not do it, see `central.client.errors`.
        """
        attempts = 1 + self._retries.most * (safe or method in _SAFE_TWICE)
        for attempt in range(attempts):
            last = attempt == attempts - 1
            try:
                answer = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                # A search that took too long would only take as long again.
                slow = method == "POST" and isinstance(error, httpx.ReadTimeout)
                if last or slow:
                    raise self._away(error) from error
                self._retries.wait(self._retries.pause(attempt, None))
                continue
            if last or answer.status_code not in _AGAIN:
                break
            self._retries.wait(self._retries.pause(attempt, answer))
        if answer.is_success or answer.status_code == HTTPStatus.NOT_MODIFIED:
            return answer
        raise error_of(answer)

    def _away(self, error: httpx.TransportError) -> CentreAway:
        return CentreAway(
            f"no answer from {self._http.base_url}: {type(error).__name__} {error}; is "
            "`dongseon central serve` running there?"
        )
