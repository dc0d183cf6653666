"""Ports for what tests start themselves."""

import os
from random import SystemRandom

from deploy.local.ports import LOOPBACK, free_ports

_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def free_port(address: str = LOOPBACK) -> int:
    """A port nobody listens on now, that no outgoing connection and no other worker is given."""
    ports = free_ports(SystemRandom(), address)
    return next(port for port in ports if port % _WORKERS == _WORKER)
