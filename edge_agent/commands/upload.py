"""Files to the centre over HTTPS, piece by piece: what breaks off goes on where it was.

The protocol is the core of tus 1.0.0 (https://tus.io/protocols/resumable-upload): `HEAD` tells how
much the centre has, `PATCH` adds from there. Made by the command, so nothing is created here; its
token is the bearer's. `Repr-Digest` (RFC 9530) says what the whole must come to.
"""

import re
import ssl
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from edge_agent.commands.spool import Job
from edge_agent.config import TlsSettings
from edge_agent.uplink.tls import trust
from shared.errors import DongseonError
from shared.messages import Upload

TUS = "1.0.0"
MEDIA_TYPE = "application/offset+octet-stream"
_TIMEOUT_S = 30.0
# Answers on which trying again changes nothing.
_FINAL = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
# What is read of an answer's body: enough for the log, whatever is sent.
_REASON_BYTES = 200
# Far more than any file; `int` refuses numbers of thousands of digits.
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)


class UploadInterrupted(DongseonError):  # noqa: N818 - reads as the statement it is
    """The line broke or the centre is not well: it goes on later, where it was."""


class UploadRefused(DongseonError):  # noqa: N818 - reads as the statement it is
    """The centre will not have it; trying again changes nothing."""


class Uploader:
    """Sends pieces of files. For one thread.

    Args:
        tls: of `[uplink]`; with it only https is spoken, and its authority is trusted beside the
            system's own.

    Raises:
        ConfigError: a certificate cannot be read.
    """

    def __init__(self, tls: TlsSettings | None) -> None:
        self._plain = tls is None
        self._client = httpx.Client(
            verify=_context(tls),
            timeout=_TIMEOUT_S,
            # Bodies come as they are: a small one that is packed may unpack to any size.
            headers={"tus-resumable": TUS, "accept-encoding": "identity"},
        )

    def check(self, upload: Upload) -> None:
        """Whether anything may be sent there.

        Raises:
            UploadRefused: it is plain http, and the box's line is not.
        """
        if urlsplit(upload.url).scheme != "https" and not self._plain:
            raise UploadRefused(
                f"{upload.url} is not https; a box with [uplink.tls] sends nothing in the clear"
            )

    def offset(self, job: Job) -> int:
        """How many bytes of `job` the centre has.

        Raises:
            UploadInterrupted, UploadRefused: see there.
        """
        return self._send(job, "HEAD", {}, None)

    def send(self, job: Job, offset: int, piece: bytes) -> int:
        """Add `piece` from `offset` on; give how many bytes the centre has then.

        Raises:
            UploadInterrupted, UploadRefused: see there.
        """
        headers = {
            "content-type": MEDIA_TYPE,
            "upload-offset": str(offset),
            "upload-length": str(job.size),
            "repr-digest": f"sha-256=:{job.digest}:",
        }
        return self._send(job, "PATCH", headers, piece)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _send(self, job: Job, method: str, headers: dict[str, str], content: bytes | None) -> int:
        bearer = {"authorization": f"Bearer {job.upload.token}"}
        url = job.upload.url
        try:
            with self._client.stream(
                method, url, headers=bearer | headers, content=content
            ) as answer:
                said = f"{url} answers {answer.status_code}: {_beginning(answer)}"
        except httpx.InvalidURL as error:
            raise UploadRefused(f"{url}: {error}") from error
        except httpx.HTTPError as error:
            raise UploadInterrupted(f"{url}: {error!r}") from error
        if answer.status_code in _FINAL:
            raise UploadRefused(said)
        offset = _NUMBER.fullmatch(answer.headers.get("upload-offset", ""))
        conflict = answer.status_code == HTTPStatus.CONFLICT
        # Out of place says where it is to go on; any other conflict stays one.
        if conflict and offset is None:
            raise UploadRefused(said)
        if offset is None or not (answer.is_success or conflict):
            raise UploadInterrupted(said)
        if int(offset[0]) > job.size:
            raise UploadRefused(f"{url} has {offset[0]} bytes of a file of {job.size}")
        if conflict:
            raise UploadInterrupted(said)
        return int(offset[0])


def _beginning(answer: httpx.Response) -> str:
    """The first of an answer's body, as text."""
    read = bytearray()
    for chunk in answer.iter_raw():
        read += chunk
        if len(read) >= _REASON_BYTES:
            break
    return read[:_REASON_BYTES].decode(errors="replace")


def _context(tls: TlsSettings | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls is not None:
        trust(context, tls)
    return context
