"""Ports for what tests start themselves."""

import os
from itertools import cycle
from random import SystemRandom

from deploy.local.ports import LOOPBACK, is_free

# Below those that local stacks take (deploy.local.ports), as many of them start meanwhile: one of
# these is listened on only seconds after it was chosen.
_FIRST, _LAST = 12_000, 20_000
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def _mine() -> list[int]:
    """This worker's ports, beginning anywhere: there may be another run on this machine."""
    ports = [port for port in range(_FIRST, _LAST) if port % _WORKERS == _WORKER]
    start = SystemRandom().randrange(len(ports))
    return ports[start:] + ports[:start]


_PORTS = cycle(_mine())


def free_port(address: str = LOOPBACK) -> int:
    """A port nobody listens on now, that nobody else is given: no outgoing connection either."""
    return next(port for port in _PORTS if is_free(port, address))
