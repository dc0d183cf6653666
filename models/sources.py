"""Where weights come from: a mirror folder, or the upstream's own server."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Protocol

import httpx

from models.catalogue import WeightFile
from models.errors import ModelError
from shared.errors import DependencyMissing

MIRROR_VARIABLE = "DONGSEON_MODEL_MIRROR"
_REPOSITORY = Path(__file__).resolve().parents[1]
_BESIDE = _REPOSITORY.parent / "shared" / "models"
_CHUNK = 256 * 1024
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Opened:
    """Bytes on their way. `offset` is where they begin in the file."""

    offset: int
    chunks: Iterator[bytes]


class Source(Protocol):
    """Gives files by their catalogue entry."""

    def open(self, file: WeightFile, offset: int) -> AbstractContextManager[Opened]:
        """The bytes of `file` from `offset` on, or from 0 where the source cannot skip.

        Raises:
            DependencyMissing: the source does not have it.
            ModelError: the source broke off.
        """


class MirrorFolder:
    """A folder laid out as the catalogue's paths."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def open(self, file: WeightFile, offset: int) -> Iterator[Opened]:
        """See `Source.open`."""
        path = self._root / file.path
        try:
            source = path.open("rb")
        except FileNotFoundError as error:
            raise DependencyMissing(
                f"the mirror {self._root} has no {file.path}; name another with --mirror "
                f"or {MIRROR_VARIABLE}"
            ) from error
        except OSError as error:
            raise ModelError(f"{path}: cannot be read: {error}") from error
        with source:
            yield Opened(offset, _chunks(source, offset))


class Upstream:
    """The official URLs of the catalogue."""

    @contextmanager
    def open(self, file: WeightFile, offset: int) -> Iterator[Opened]:
        """See `Source.open`."""
        if file.url is None:
            raise DependencyMissing(
                f"{file.path} has no official URL; put it below a mirror folder and name that "
                f"with --mirror or {MIRROR_VARIABLE}"
            )
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        try:
            with httpx.stream(
                "GET", file.url, headers=headers, timeout=_TIMEOUT_S, follow_redirects=True
            ) as response:
                yield Opened(_offset_of(response, offset), response.iter_bytes(_CHUNK))
        except httpx.TransportError as error:
            raise ModelError(
                f"{file.url}: {error or type(error).__name__}; run the command again to go on from "
                f"where it broke off, or name a mirror folder with --mirror or {MIRROR_VARIABLE}"
            ) from error


def find_mirror(named: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The mirror to use: the one named, that of the environment, or the one beside the repository.

    Raises:
        DependencyMissing: the one named, here or in the environment, is not a folder.
    """
    from_environment = environ.get(MIRROR_VARIABLE)
    wanted = named or (Path(from_environment) if from_environment else None)
    if wanted is None:
        return _BESIDE if _BESIDE.is_dir() else None
    if not wanted.is_dir():
        raise DependencyMissing(
            f"the model mirror {wanted} is not a folder; check --mirror or {MIRROR_VARIABLE}"
        )
    return wanted


def find_source(mirror: Path | None) -> Source:
    """The mirror folder, or the upstream where there is none."""
    return MirrorFolder(mirror) if mirror is not None else Upstream()


def _chunks(source: BinaryIO, offset: int) -> Iterator[bytes]:
    try:
        source.seek(offset)
        while chunk := source.read(_CHUNK):
            yield chunk
    except OSError as error:
        raise ModelError(f"{source.name}: cannot be read: {error}") from error


def _offset_of(response: httpx.Response, asked: int) -> int:
    """Where the answer begins. Servers may ignore a range (RFC 9110, section 14.2)."""
    if response.status_code == HTTPStatus.OK:
        return 0
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        return asked
    raise ModelError(
        f"{response.url}: answered {response.status_code}; "
        f"name a mirror folder with --mirror or {MIRROR_VARIABLE}"
    )
