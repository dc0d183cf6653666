"""Where the broker is, and how it is known to be the right one."""

import ssl
from dataclasses import dataclass
from typing import Any

from edge_agent.config import TlsSettings, UplinkSettings
from edge_agent.uplink.tls import trust


@dataclass(slots=True)
class Broker:
    """Where the broker is, and what makes the connection private (None on loopback).

    `last_address` is where it was found last: a line on which names are dead is still a line.
    """

    settings: UplinkSettings
    tls: ssl.SSLContext | None
    last_address: str | None = None

    @classmethod
    def of(cls, settings: UplinkSettings) -> "Broker":
        """The broker of `settings`.

        Raises:
            ConfigError: a certificate cannot be read.
        """
        tls = settings.tls
        return cls(settings, None if tls is None else _tls_context(tls, settings.host))

    def __str__(self) -> str:
        return f"{self.settings.host}:{self.settings.broker_port}"


class _NamedContext(ssl.SSLContext):
    """Asks the other side for the broker's name, whatever address it was reached at."""

    broker_name: str

    def wrap_socket(self, *socket: Any, **options: Any) -> ssl.SSLSocket:  # noqa: ANN401
        """As `ssl.SSLContext` does."""
        return super().wrap_socket(*socket, **options | {"server_hostname": self.broker_name})


def _tls_context(tls: TlsSettings, name: str) -> ssl.SSLContext:
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.broker_name = name
    trust(context, tls)
    return context
