"""FFmpeg's errors as ours: what happened, and what to do about it. No secret leaves here."""

import re
from collections.abc import Mapping
from types import MappingProxyType

import av

from edge_agent.source.frame import SourceError

# Lockouts count failed logins in minutes; see `edge_agent.supervisor.Patience`.
_REFUSED = (av.HTTPUnauthorizedError, av.HTTPForbiddenError)
_SILENT = (av.error.ExitError, av.TimeoutError)
_MENDS: Mapping[type[Exception], str] = MappingProxyType(
    {
        av.HTTPNotFoundError: "it has no stream of that path; correct the path in `source`",
        av.ConnectionRefusedError: "nothing listens there; are the port right and RTSP on?",
        # All that FFmpeg says of a name it cannot resolve, and of a host it cannot reach.
        av.error.OSError: "for a camera: is its host name known here, and its network up?",
    }
)
# `rtsp://user:password@host`: up to the last "@", for either may hold one unescaped, and then
# where the user's name ends cannot be told.
_LOGIN = re.compile(r"(?<=://)(.*)@")
# What recorders put in paths and queries: `user=admin_password=secret_channel=1`.
_NAMED = re.compile(r"((?:pass(?:word|wd)?|pwd|token|secret)=)[^&_;/\s]*", re.IGNORECASE)


class SourceRefused(SourceError):  # noqa: N818 - reads as the statement it is
    """The camera does not let this user in. Asking often locks the user out."""


def without_secrets(url: str) -> str:
    """`url` without its password, for messages."""
    return _NAMED.sub(r"\1***", _LOGIN.sub(_masked, url))


def _masked(login: re.Match[str]) -> str:
    name, colon, _ = login[1].partition(":")
    if "@" in name or "/" in name:
        return "***@"
    return f"{name}:***@" if colon else login[0]


def source_error(what: str, error: Exception, *, silent: bool = False) -> SourceError:
    """The error to raise for FFmpeg's or the system's `error`.

    Args:
        what: `channel: URL cannot be opened` or the like, without secrets.
        error: why.
        silent: it took all the time there was: what FFmpeg then says of the data means nothing.
    """
    if isinstance(error, _REFUSED):
        return SourceRefused(
            f"{what}: it refuses the user or the password; write the camera's own into `source`, "
            "rtsp://user:password@host/path, with %40 for an @ within them"
        )
    if silent or isinstance(error, _SILENT):
        return SourceError(f"{what}: it stayed silent; is it on, and its network up?")
    told = getattr(error, "strerror", None) or str(error)
    mend = next((f"; {mend}" for kind, mend in _MENDS.items() if isinstance(error, kind)), "")
    return SourceError(f"{what}: {told}{mend}")
