"""What waits to be uploaded, on disk, so that a restart of the agent goes on with it."""

import base64
import hashlib
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import structlog
from pydantic import ConfigDict, ValidationError

from shared.errors import StorageError
from shared.messages import Upload
from shared.settings import Settings

# What may wait together. More is not useful on a line that takes an hour for one of them.
MAX_BYTES = 1024 * 1024 * 1024
_MAX_NOTE_BYTES = 16 * 1024
_CHUNK = 1024 * 1024

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Job(Settings):
    """One file on its way. `digest` is its SHA-256 in base64; times are UTC milliseconds."""

    # Notes of an earlier version say more: what waits is to survive an update.
    model_config = ConfigDict(extra="ignore")

    id: UUID
    upload: Upload
    size: int
    digest: str
    made_ms: int
    start_ms: int
    end_ms: int


class Spool:
    """The jobs below `folder`, each a file and a note beside it. For one thread.

    Raises:
        StorageError: the folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.jobs = {job.id: job for job in map(_read, folder.glob("*.json")) if job}
            known = {self.file(job.id) for job in self.jobs.values()}
            notes = {_note(path) for path in known}
            for path in folder.iterdir():
                if path not in known | notes:
                    path.unlink()  # half of something that a crash left
        except OSError as error:
            raise _refused(folder, error) from error

    def file(self, identifier: UUID) -> Path:
        """Where the file of that job is, or is to be made."""
        return self._folder / f"{identifier}.bin"

    @property
    def waiting_bytes(self) -> int:
        """What all files take."""
        return sum(job.size for job in self.jobs.values())

    def add(self, job: Job) -> None:
        """Keep `job`, whose file is made, or a newer word on it.

        Raises:
            StorageError: the disk refuses.
        """
        note = _note(self.file(job.id))
        new = note.with_suffix(".new")
        try:
            # The token is in it.
            new.touch(mode=0o600)
            new.write_text(job.model_dump_json(), encoding="utf-8")
            new.replace(note)
        except OSError as error:
            raise _refused(self._folder, error) from error
        self.jobs[job.id] = job

    def remove(self, identifier: UUID) -> None:
        """Forget a job and its file, or what was made of it so far."""
        self.jobs.pop(identifier, None)
        path = self.file(identifier)
        for found in (_note(path), path):
            with suppress(OSError):
                found.unlink()


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, base64.

    Raises:
        StorageError: it cannot be read.
    """
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
    except OSError as error:
        raise _refused(path, error) from error
    return base64.b64encode(found.digest()).decode()


def _note(path: Path) -> Path:
    return path.with_suffix(".json")


def _read(path: Path) -> Job | None:
    """The job of a note whose file is whole."""
    try:
        with path.open("rb") as file:
            job = Job.model_validate_json(file.read(_MAX_NOTE_BYTES))
        whole = path.with_suffix(".bin").stat().st_size == job.size
    except (OSError, ValidationError) as error:
        log.warning("an upload that cannot be gone on with", file=str(path), error=str(error))
        return None
    return job if whole and path.stem == str(job.id) else None


def _refused(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path}: {error}; check the disk's free space and the folder's owner")
