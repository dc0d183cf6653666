"""Decoding by a device of the machine, by software where none works.

FFmpeg's names of devices: `vaapi` (Intel, AMD), `qsv` (Intel), `cuda` (NVIDIA), `drm` (boards with
V4L2), `videotoolbox` (Mac). PyAV's own wheels are built without VA-API; a PyAV built against the
system's FFmpeg has what that has. Decoded frames come back to main memory, as NV12 mostly.
"""

import av
import structlog
from av.codec import Codec
from av.codec.hwaccel import HWAccel, hwdevices_available

NONE = "none"
AUTO = "auto"
# What `auto` tries, in this order.
_KNOWN = ("vaapi", "qsv", "cuda", "drm", "videotoolbox")
# What a device must be able to decode to be any use with cameras.
_CODEC = "h264"

_log = structlog.get_logger()


def decoding_device(wanted: str, channel: str) -> HWAccel | None:
    """The device to decode with; None for software, which the log is told where that is a fallback.

    Args:
        wanted: FFmpeg's name of a kind of device, `auto` or `none`.
        channel: for the log.
    """
    if wanted == NONE:
        return None
    built = hwdevices_available()
    errors = {}
    for kind in _KNOWN if wanted == AUTO else (wanted,):
        error = _error(kind) if kind in built else "not in this FFmpeg"
        if error is None:
            return HWAccel(kind, allow_software_fallback=True)
        errors[kind] = error
    _log.warning("decoding by software", channel=channel, hwaccel=wanted, errors=errors)
    return None


def _error(kind: str) -> str | None:
    """Why a device of that kind cannot decode here; None where it can."""
    try:
        HWAccel(kind).create(Codec(_CODEC, "r"))
    except NotImplementedError:
        return f"this FFmpeg does not decode {_CODEC} with it"
    except (av.FFmpegError, OSError) as error:
        return error.strerror or str(error)
    return None
