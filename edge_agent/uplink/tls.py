"""`[uplink.tls]` as Python's ssl wants it: whom the box trusts, and what it shows of itself."""

import ssl

from edge_agent.config import TlsSettings
from shared.errors import ConfigError


def trust(context: ssl.SSLContext, tls: TlsSettings) -> None:
    """Have `context` trust the authority of `tls` and show the box's own certificate.

    Raises:
        ConfigError: a certificate cannot be read.
    """
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(tls.ca)
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key)
    except OSError as error:
        files = ", ".join(str(path) for path in (tls.ca, tls.cert, tls.key) if path)
        raise ConfigError(f"[uplink.tls] {files}: {error}") from error
