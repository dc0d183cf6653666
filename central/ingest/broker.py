"""Where the broker is, and how to reach it."""

import socket
import ssl
from pathlib import Path
from typing import NamedTuple

import paho.mqtt.client as mqtt

from shared.errors import ConfigError

_CONNECT_S = 10.0


class BrokerAddress(NamedTuple):
    """Where the broker is and as whom to speak to it. A `ca` switches TLS on."""

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


def identify(client: mqtt.Client, address: BrokerAddress) -> None:
    """Give `client` what `address` says of accounts and certificates."""
    if address.username is not None:
        client.username_pw_set(address.username, address.password)
    if address.ca is not None:
        client.tls_set(
            ca_certs=str(address.ca),
            certfile=str(address.cert) if address.cert else None,
            keyfile=str(address.key) if address.key else None,
        )


def dial(address: BrokerAddress) -> socket.socket:
    """A connected socket that does not block, with TLS where `address` says so.

    Raises:
        OSError: nobody there, or not who it should be (`ssl.SSLError` is one).
        ConfigError: a certificate cannot be read.
    """
    context = _tls(address)
    plain = socket.create_connection((address.host, address.port), _CONNECT_S)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found = context.wrap_socket(plain, server_hostname=address.host) if context else plain
    except OSError:
        plain.close()
        raise
    found.setblocking(False)
    return found


def _tls(address: BrokerAddress) -> ssl.SSLContext | None:
    if address.ca is None:
        return None
    try:
        context = ssl.create_default_context(cafile=str(address.ca))
        if address.cert is not None:
            context.load_cert_chain(address.cert, address.key)
    except OSError as error:
        raise ConfigError(f"the certificates for the broker cannot be read: {error}") from error
    return context
