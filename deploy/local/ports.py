"""Free ports on loopback."""

import random
import socket
from collections.abc import Iterator

LOOPBACK = "127.0.0.1"
# Below Linux's range for outgoing connections (32768 up, ip_local_port_range): a server that is
# down for a minute finds its port again, and a client that dials it cannot meet itself.
_FIRST, _LAST = 20_000, 32_000


def free_ports(source: random.Random, address: str = LOOPBACK) -> Iterator[int]:
    """Ports free a moment ago, in no order; the next one is for a server that finds one taken."""
    while True:
        port = source.randint(_FIRST, _LAST)
        if is_free(port, address):
            yield port


def is_free(port: int, address: str = LOOPBACK) -> bool:
    """Whether a server could listen on `port` of the loopback's `address` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
