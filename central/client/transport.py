"""Requests, sent again only where that is safe."""

import threading
from collections.abc import Callable, Mapping
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
    """How often and how patiently to send again. `wait` waits that many seconds.

    `at_work`: how often to ask again, besides `most`, while the centre is still at work on the
    first request with the same key.
    """

    most: int = 2
    at_work: int = 30
    first_s: float = 0.2
    longest_s: float = 5.0
    wait: Callable[[float], None] = _wait

    def pause(self, attempt: int, answer: httpx.Response | None) -> float:
        """Seconds to wait after `attempt` (from 0): what the centre asks for, or ever more."""
        asked = "" if answer is None else answer.headers.get("retry-after", "")
        wanted = float(asked) if asked.isdecimal() else self.first_s * 2**attempt
        return min(wanted, self.longest_s)


class _Patience:
    """How often one request was sent, and whether to send it again."""

    def __init__(self, retries: Retries, *, safe: bool) -> None:
        self._retries = retries
        self._failed = 0
        self._left = retries.most * safe
        self._at_work_left = retries.at_work * safe

    def lasts(self, answer: httpx.Response | None) -> bool:
        """Whether to send again after `answer` (None: there was none); waits first if so."""
        if answer is not None and _is_at_work(answer):
            self._at_work_left -= 1
            again = self._at_work_left >= 0
        elif answer is None or answer.status_code in _AGAIN:
            self._left -= 1
            again = self._left >= 0
        else:
            return False
        if again:
            self._retries.wait(self._retries.pause(self._failed, answer))
            self._failed += 1
        return again


def _is_at_work(answer: httpx.Response) -> bool:
    """Whether the request that was sent before, with the same key, is not answered yet."""
    return answer.status_code == HTTPStatus.CONFLICT and "retry-after" in answer.headers


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
        patience = _Patience(self._retries, safe=safe or method in _SAFE_TWICE)
        while True:
            try:
                answer = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                # A search that took too long would only take as long again.
                slow = isinstance(error, httpx.ReadTimeout) and method == "POST"
                if (slow and not _has_key(options)) or not patience.lasts(None):
                    raise self._away(error) from error
                continue
            if not patience.lasts(answer):
                break
        if answer.is_success or answer.status_code == HTTPStatus.NOT_MODIFIED:
            return answer
        raise error_of(answer)

    def _away(self, error: httpx.TransportError) -> CentreAway:
        return CentreAway(
            f"no answer from {self._http.base_url}: {type(error).__name__} {error}; is "
            "`dongseon central serve` running there?"
        )


def _has_key(options: Mapping[str, Any]) -> bool:
    return "idempotency-key" in (options.get("headers") or {})
