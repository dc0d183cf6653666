"""The programs the stack runs: found on this machine, or installed from Debian packages."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from shared.errors import DependencyMissing

# The PostgreSQL each distribution carries (packages.debian.org, packages.ubuntu.com).
POSTGRESQL_OF = {
    ("debian", "12"): 15,
    ("debian", "13"): 17,
    ("ubuntu", "22.04"): 14,
    ("ubuntu", "24.04"): 16,
}
EXTENSIONS = ("postgis", "pgrouting")
# What only tests use, by the file that shows it is there: the browser the console is tested in, a
# font without which Korean is drawn as empty boxes, an older processor for the networks, an RTSP
# server, names of hosts that change.
TEST_TOOLS = {
    "usr/bin/chromium": "chromium",
    "usr/share/fonts/truetype/nanum": "fonts-nanum",
    "usr/bin/qemu-x86_64": "qemu-user",
    "usr/share/doc/gir1.2-gst-rtsp-server-1.0": "gir1.2-gst-rtsp-server-1.0",
    "usr/share/doc/python3-gi": "python3-gi",
    "usr/share/doc/gstreamer1.0-plugins-good": "gstreamer1.0-plugins-good",
    "usr/share/doc/libnss-wrapper": "libnss-wrapper",
}
# On Ubuntu, whose package of it is only a pointer to a snap.
_DEBIAN_ONLY = frozenset({"chromium"})
NO_INSTALL = "DONGSEON_NO_INSTALL"
_INSTALLER = Path(__file__).with_name("install-packages.sh")


@dataclass(frozen=True)
class Places:
    """Where Debian and Ubuntu keep things; tests hand in a folder of their own."""

    root: Path = Path("/")

    @property
    def os_release(self) -> Path:
        """The file that names the distribution."""
        return self.root / "etc/os-release"

    def program(self, name: str) -> Path | None:
        """The path of `name`; brokers live in sbin, which is not on a user's PATH."""
        folders = ("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin")
        path = os.pathsep.join(str(self.root / folder) for folder in folders)
        found = shutil.which(name, path=path)
        return Path(found) if found else None

    def postgresql_versions(self) -> list[int]:
        """Major versions that are installed, newest first."""
        servers = (self.root / "usr/lib/postgresql").glob("*/bin/postgres")
        majors = (server.parent.parent.name for server in servers)
        return sorted((int(major) for major in majors if major.isdigit()), reverse=True)

    def has_extensions(self, version: int) -> bool:
        """Whether PostgreSQL `version` has every extension the project needs."""
        folder = self.root / f"usr/share/postgresql/{version}/extension"
        return all((folder / f"{name}.control").is_file() for name in EXTENSIONS)


@dataclass(frozen=True)
class Programs:
    """What was found."""

    mosquitto: Path
    postgresql: dict[int, Path]
    """Folder of programs by major version, newest first; each has the extensions."""


class Distribution(NamedTuple):
    """Name and version as /etc/os-release has them."""

    name: str
    version: str


def find_programs(places: Places | None = None) -> Programs:
    """The broker and the database programs of this machine.

    Raises:
        DependencyMissing: something is lacking; the message is the command that installs it.
    """
    places = places or Places()
    lacking = missing_packages(places)
    if lacking:
        raise DependencyMissing(
            "the local stack needs programs that are not on this machine; install them with\n"
            f"  sudo apt-get update && sudo apt-get install --no-install-recommends"
            f" {' '.join(lacking)}"
        )
    mosquitto = places.program("mosquitto")
    assert mosquitto is not None  # noqa: S101 - `missing_packages` has just seen it
    return Programs(
        mosquitto=mosquitto,
        postgresql={
            version: places.root / f"usr/lib/postgresql/{version}/bin"
            for version in places.postgresql_versions()
            if places.has_extensions(version)
        },
    )


def ensure_programs(places: Places | None = None) -> Programs:
    """Like `find_programs`, after installing what is missing where that is allowed.

    Allowed means: root, or sudo without a password, and `DONGSEON_NO_INSTALL` is not set. apt's
    own progress goes to standard error.

    Raises:
        DependencyMissing: something is lacking and may not or could not be installed.
    """
    places = places or Places()
    lacking = missing_packages(places)
    privilege = _privilege() if lacking else None
    if lacking and privilege is not None:
        _install(lacking, privilege)
    return find_programs(places)


def ensure_test_tools(places: Places | None = None) -> None:
    """Install what only tests use and is lacking, where that is allowed.

    Raises:
        DependencyMissing: something is lacking and may not be installed; the tests that need it
            skip.
    """
    places = places or Places()
    lacking = [name for path, name in TEST_TOOLS.items() if not (places.root / path).exists()]
    on_debian = _distribution(places).name == "debian"
    here = [name for name in lacking if on_debian or name not in _DEBIAN_ONLY]
    privilege = _privilege() if here else None
    if privilege is not None:
        _install(here, privilege)
        lacking = [name for name in lacking if name not in here]
    if not lacking:
        return
    lines = ["tests can use what is not on this machine; install it with"]
    lines.append(f"  sudo apt-get install --no-install-recommends {' '.join(lacking)}")
    if not on_debian and _DEBIAN_ONLY & set(lacking):
        lines += ["or Chromium, on what is not Debian, with"]
        lines += ["  .venv/bin/playwright install --with-deps chromium"]
    raise DependencyMissing("\n".join(lines))


def missing_packages(places: Places) -> list[str]:
    """Names of the Debian packages to install, none when all is there.

    Raises:
        DependencyMissing: packages are lacking and this is no distribution we know names for.
    """
    lacking = [] if places.program("mosquitto") else ["mosquitto"]
    if not any(places.has_extensions(version) for version in places.postgresql_versions()):
        major = _distribution_postgresql(places)
        lacking += [f"postgresql-{major}"]
        lacking += [f"postgresql-{major}-postgis-3", f"postgresql-{major}-pgrouting"]
    return lacking


def _distribution_postgresql(places: Places) -> int:
    distribution = _distribution(places)
    major = POSTGRESQL_OF.get(distribution)
    if major is None:
        known = ", ".join(f"{name} {version}" for name, version in POSTGRESQL_OF)
        raise DependencyMissing(
            f"the local stack needs Mosquitto 2 and PostgreSQL 14+ with PostGIS 3 and pgRouting 3;"
            f" package names are known for {known}, not for"
            f" {distribution.name} {distribution.version}: install them by hand,"
            " or use deploy/compose with Docker"
        )
    return major


def _distribution(places: Places) -> Distribution:
    try:
        text = places.os_release.read_text(encoding="utf-8")
    except OSError:
        return Distribution("an unknown system", "")
    fields = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, flags=re.MULTILINE))
    return Distribution(fields.get("ID", "linux"), fields.get("VERSION_ID", ""))


def _privilege() -> list[str] | None:
    """What to write before a command that needs root; None when it is not allowed."""
    if os.environ.get(NO_INSTALL) or not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    if (
        shutil.which("sudo")
        and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0
    ):
        return sudo
    return None


def _install(packages: list[str], privilege: list[str]) -> None:
    command = [*privilege, "sh", str(_INSTALLER), *packages]
    # apt's output is progress, not this program's result: standard output stays clean.
    done = subprocess.run(command, stdout=sys.stderr.fileno(), check=False)
    if done.returncode:
        raise DependencyMissing(
            f"apt-get could not install {' '.join(packages)} (exit code {done.returncode});"
            " its messages are above"
        )
