"""One message must not stop the whole city.

Whatever ingest is known to trip over is refused by `reading` and `writer`. This is for what nobody
foresaw: ingest dies, the supervisor starts it again, and the broker hands the same messages out
again. Those that were in hand are then taken one by one, and the one that ingest dies of alone is
refused, so it ends in quarantine with its bytes, for a person to look at.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from central.ingest.received import Received

REASON = "the centre failed on this message, twice; its log says how"

_Print = bytes


class Suspects:
    """Remembers across lives of ingest what it had in hand. Used by one thread at a time."""

    def __init__(self) -> None:
        self._in_hand: tuple[Received, ...] = ()
        self._suspected: frozenset[_Print] = frozenset()
        self._guilty: frozenset[_Print] = frozenset()

    def begin_life(self) -> None:
        """Draw conclusions from how the last life ended. Call when ingest starts."""
        if len(self._in_hand) == 1:
            self._guilty |= _prints(self._in_hand)
        else:
            self._suspected |= _prints(self._in_hand)
        self._in_hand = ()

    def portions(self, messages: Sequence[Received]) -> Iterator[list[Received]]:
        """`messages` in their order, cut so that each suspect stands alone."""
        if not self._suspected:
            yield list(messages)
            return
        for suspected, run in groupby(messages, key=lambda m: _print(m) in self._suspected):
            portion = list(run)
            yield from ([message] for message in portion) if suspected else [portion]

    def is_guilty(self, message: Received) -> bool:
        """Whether ingest died of `message` alone."""
        return bool(self._guilty) and _print(message) in self._guilty

    def take(self, messages: Iterable[Received]) -> None:
        """Note that `messages` are being worked on."""
        self._in_hand = tuple(messages)

    def let_go(self) -> None:
        """Note that what was in hand is done with."""
        if self._suspected or self._guilty:
            done = _prints(self._in_hand)
            self._suspected -= done
            self._guilty -= done
        self._in_hand = ()


def _prints(messages: Iterable[Received]) -> frozenset[_Print]:
    return frozenset(_print(message) for message in messages)


def _print(message: Received) -> _Print:
    digest = hashlib.blake2b(message.payload, digest_size=16)
    digest.update(f"{message.box}/{message.lane}/{message.outbox}".encode())
    return digest.digest()
