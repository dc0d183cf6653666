"""The demonstration clip `vtest.avi`: 795 frames of a campus camera, 768 x 576 at 10 frames/s.

It comes with OpenCV's examples and is not ours to ship; Debian and Ubuntu carry it in `opencv-doc`.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from shared.errors import DependencyMissing

CLIP = "vtest.avi"
PACKAGE = "opencv-doc"
# Of the file in Debian 12 (opencv-doc 4.6.0).
SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"
CACHE_VARIABLE = "DONGSEON_CLIP_CACHE"
_REPOSITORY = Path(__file__).resolve().parent.parent


def find_vtest(say: Callable[[str], None] = lambda _line: None) -> Path:
    """The path of `vtest.avi`: from a local cache, `../shared`, or fetched with apt into the cache.

    The cache is `$DONGSEON_CLIP_CACHE`, by default `~/.cache/dongseon/clips`. apt only downloads
    and the package is unpacked in a temporary folder: nothing is installed, root is not needed.

    Args:
        say: told when something is about to take a while.

    Raises:
        DependencyMissing: it is nowhere and cannot be fetched; says how to get it.
    """
    cache = clip_cache()
    for place in _known_places(cache):
        if place.is_file():
            return place
    say(f"fetching {CLIP} from the Debian package {PACKAGE} (96 MB, once)")
    with tempfile.TemporaryDirectory(prefix="dongseon-clip-") as folder:
        clip = _fetch(Path(folder))
        _check(clip)
        return _keep(clip, cache)


def clip_cache() -> Path:
    """The folder clips are kept in between runs."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "dongseon" / "clips"


def _known_places(cache: Path) -> Iterator[Path]:
    yield cache / CLIP
    shared = _REPOSITORY.parent / "shared"
    yield from (shared / folder / CLIP for folder in ("", "clips", "data/video"))


def _fetch(folder: Path) -> Path:
    if shutil.which("apt-get") is None:
        raise _missing("this is no Debian or Ubuntu")
    if os.geteuid() == 0 and not _is_listed():
        _run(["apt-get", "update", "-q"], folder)
    # As root apt hands the download to its user _apt, who must be able to write here.
    folder.chmod(0o755)
    _run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", PACKAGE], folder)
    packages = list(folder.glob(f"{PACKAGE}_*.deb"))
    if not packages:
        raise _missing("apt-get downloaded nothing")
    _run(["dpkg-deb", "-x", str(packages[0]), str(folder / "unpacked")], folder)
    clips = list((folder / "unpacked").rglob(CLIP))
    if not clips:
        raise _missing(f"{packages[0].name} does not hold it any more")
    return clips[0]


def _is_listed() -> bool:
    shown = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", PACKAGE], capture_output=True, check=False
    )
    return shown.returncode == 0


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise _missing(f"`{' '.join(command[:2])}` failed: {done.stderr.strip()[-500:]}")


def _check(clip: Path) -> None:
    with clip.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise _missing(f"the file in {PACKAGE} is another one (sha256 {found})")


def _keep(clip: Path, cache: Path) -> Path:
    """Put `clip` into the cache as one, so that a crash leaves no half clip there."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, delete=False) as draft:
            draft.write(clip.read_bytes())
        Path(draft.name).chmod(0o644)
        return Path(draft.name).replace(cache / CLIP)
    except OSError as error:
        raise DependencyMissing(f"{cache}: cannot keep {CLIP} there: {error}") from error


def _missing(reason: str) -> DependencyMissing:
    return DependencyMissing(
        f"{CLIP} is not here and cannot be fetched: {reason}. On Debian or Ubuntu run"
        f" `sudo apt-get update` and try again, or put the clip (OpenCV's samples/data/{CLIP})"
        f" into {clip_cache()}, or name its folder in {CACHE_VARIABLE}"
    )
