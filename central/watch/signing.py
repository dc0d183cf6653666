"""Signatures of webhooks as Standard Webhooks 1.0 has them (https://www.standardwebhooks.com).

The secret is shown as `whsec_` and base64; the signature is base64 of HMAC-SHA256 over
`{webhook-id}.{webhook-timestamp}.{body}`.
"""

import base64
import hashlib
import hmac

SECRET_BYTES = 32
_PREFIX = "whsec_"


def shown_secret(secret: bytes) -> str:
    """`secret` as its owner gets it, once."""
    return _PREFIX + base64.b64encode(secret).decode()


def headers(secret: bytes, identifier: str, at_s: int, body: bytes) -> dict[str, str]:
    """The headers that sign `body`, sent at `at_s` (Unix seconds)."""
    signed = f"{identifier}.{at_s}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{signature}",
    }
