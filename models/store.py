"""Weights on this machine: pulled once, checked, and never run unless they are the right ones."""

import fcntl
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from models.catalogue import PACKAGE, Catalogue, Entry, WeightFile, load_catalogue
from models.errors import ModelError, WrongWeights
from models.sources import Source, find_source
from models.weights import FileState, difference, state_of
from shared.errors import DependencyMissing, StorageError

DIRECTORY_VARIABLE = "DONGSEON_MODEL_DIR"

LOCAL = "local"
"""The folder of a store with the models made on this machine, each with its own `entry.toml`."""

_REINSTALL = "it comes with the project: install that again"

TellProgress = Callable[[WeightFile, int], None]
"""Told the file and how many of its bytes are here."""


def default_root(environ: Mapping[str, str] = os.environ) -> Path:
    """`DONGSEON_MODEL_DIR`, or `dongseon/models` in the user's cache (XDG base directories)."""
    named = environ.get(DIRECTORY_VARIABLE)
    if named:
        return Path(named)
    cache = environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "dongseon" / "models"


class ModelStore:
    """The folder `root`, laid out as the catalogue's paths.

    Beside the catalogue's models it has those made on this machine, below `local/`. Weights that
    come with the project are read where they are.
    """

    def __init__(self, root: Path | None = None, catalogue: Catalogue | None = None) -> None:
        self.root = root or default_root()
        self.catalogue = (catalogue or load_catalogue()).joined(self.root / LOCAL)

    def path(self, file: WeightFile) -> Path:
        """Where `file` lies, or would."""
        return self._kept_in(file) / file.path

    def require(self, entry: Entry, precision: str | None = None) -> Path:
        """The file a runtime opens for `entry`, after every file of that precision was checked.

        Raises:
            DependencyMissing: a file is not here.
            WrongWeights: a file is not the one the catalogue records.
            ModelError: the entry does not have that precision.
        """
        files = entry.variant(precision).files
        for file in files:
            if not self.path(file).is_file():
                raise DependencyMissing(
                    f"the weights {file.path} are not in {self._kept_in(file)}; "
                    f"{_how_to_get(entry, file)}"
                )
            wrong = difference(self.path(file), file)
            if wrong:
                raise WrongWeights(f"{self.path(file)}: {wrong}; {_how_to_get(entry, file)}")
        return self.path(files[0])

    def _kept_in(self, file: WeightFile) -> Path:
        return PACKAGE if file.shipped else self.root

    def verify(self, name: str) -> dict[WeightFile, FileState]:
        """What is found of each file of the model called `name`.

        Raises:
            ModelError: the catalogue has no such model.
        """
        return {file: state_of(self.path(file), file) for file in self.catalogue.entry(name).files}

    def pull(
        self,
        name: str,
        mirror: Path | None = None,
        progress: TellProgress = lambda _file, _done: None,
    ) -> list[Path]:
        """Bring every file of the model called `name` here; those that are here stay.

        Args:
            name: in the catalogue.
            mirror: a folder laid out as the catalogue's paths; the official URLs without one.
            progress: told how far each file is.

        Raises:
            DependencyMissing: the source does not have a file.
            WrongWeights: the source gives other bytes than the catalogue records.
            ModelError: no such model, or the source broke off; pulling again goes on from there.
            StorageError: the store cannot be written.
        """
        source = find_source(mirror)
        return [self.pull_file(file, source, progress) for file in self.catalogue.entry(name).files]

    def pull_file(self, file: WeightFile, source: Source, progress: TellProgress) -> Path:
        """Bring `file` here from `source`. Errors as for `pull`."""
        path = self.path(file)
        if file.shipped:
            if state_of(path, file) is not FileState.GOOD:
                raise DependencyMissing(f"{path} is missing or wrong; {_REINSTALL}")
            progress(file, file.bytes)
            return path
        # The checksum in the name: what is left of an older version is never continued.
        part = path.with_name(f".{path.name}.{file.sha256[:12]}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("ab") as out:
                # One at a time: a second process waits here, then finds the work done.
                fcntl.flock(out, fcntl.LOCK_EX)
                if state_of(path, file) is not FileState.GOOD:
                    _fill(part, out, file, source, progress)
                    part.replace(path)
                else:
                    part.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{path}: cannot be written: {error}") from error
        progress(file, file.bytes)
        return path


def _how_to_get(entry: Entry, file: WeightFile) -> str:
    if file.shipped:
        return _REINSTALL
    return f"get it with `dongseon models pull {entry.name}`"


def _fill(
    part: Path, out: IO[bytes], file: WeightFile, source: Source, progress: TellProgress
) -> None:
    """Write the rest of `file` into `part` (open for appending as `out`), and check the whole."""
    here = os.fstat(out.fileno()).st_size
    if here > file.bytes:
        out.truncate(here := 0)
    if here < file.bytes:
        _receive(out, here, file, source, progress)
    wrong = difference(part, file)
    if wrong is None:
        return
    out.truncate(0)
    if not here:
        raise WrongWeights(
            f"{file.path}: the source gave {wrong}; pull it again, and from another mirror "
            "if it comes out the same"
        )
    # What was here before may have been at fault, not the source.
    _fill(part, out, file, source, progress)


def _receive(
    out: IO[bytes], here: int, file: WeightFile, source: Source, progress: TellProgress
) -> None:
    with source.open(file, here) as opened:
        done = opened.offset
        out.truncate(done)
        for chunk in opened.chunks:
            done += len(chunk)
            if done > file.bytes:
                out.truncate(0)
                raise WrongWeights(
                    f"{file.path}: the source gives more than the {file.bytes} bytes of the "
                    "catalogue; use another mirror"
                )
            out.write(chunk)
            progress(file, done)
    out.flush()
    os.fsync(out.fileno())
    if done < file.bytes:
        raise ModelError(
            f"{file.path}: the source ended after {done} of {file.bytes} bytes; "
            "run the command again to go on from there"
        )
