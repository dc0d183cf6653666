"""What is missing is named exactly, per distribution."""

from pathlib import Path

import pytest

from deploy.local.packages import (
    TEST_TOOLS,
    Places,
    ensure_programs,
    ensure_test_tools,
    find_programs,
)
from shared.errors import DependencyMissing


def machine(root: Path, os_release: str, *files: str) -> Places:
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text(os_release, encoding="utf-8")
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755)
    return Places(root)


@pytest.fixture(autouse=True)
def _nothing_may_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONGSEON_NO_INSTALL", "1")


@pytest.mark.parametrize(
    ("os_release", "major"),
    [
        ('ID=debian\nVERSION_ID="12"\n', 15),
        ('ID=debian\nVERSION_ID="13"\n', 17),
        ('ID=ubuntu\nVERSION_ID="22.04"\n', 14),
        ('ID=ubuntu\nVERSION_ID="24.04"\n', 16),
    ],
)
def test_the_error_is_the_command_to_type(tmp_path: Path, os_release: str, major: int) -> None:
    places = machine(tmp_path, os_release)

    with pytest.raises(DependencyMissing) as error:
        ensure_programs(places)

    assert str(error.value).endswith(
        "sudo apt-get update && sudo apt-get install --no-install-recommends mosquitto"
        f" postgresql-{major} postgresql-{major}-postgis-3 postgresql-{major}-pgrouting"
    )


def test_only_what_is_missing_is_named(tmp_path: Path) -> None:
    places = machine(
        tmp_path,
        'ID=debian\nVERSION_ID="12"\n',
        "usr/lib/postgresql/15/bin/postgres",
        "usr/share/postgresql/15/extension/postgis.control",
        "usr/share/postgresql/15/extension/pgrouting.control",
    )

    with pytest.raises(DependencyMissing, match=r"--no-install-recommends mosquitto$"):
        find_programs(places)


def test_the_newest_postgresql_with_all_extensions_is_taken(tmp_path: Path) -> None:
    places = machine(
        tmp_path,
        'ID=debian\nVERSION_ID="12"\n',
        "usr/sbin/mosquitto",
        *(f"usr/lib/postgresql/{major}/bin/postgres" for major in (9, 15, 16, 17)),
        *(
            f"usr/share/postgresql/{major}/extension/{name}.control"
            for major in (9, 15, 16)
            for name in ("postgis", "pgrouting")
        ),
        "usr/share/postgresql/17/extension/postgis.control",
    )

    programs = find_programs(places)

    assert list(programs.postgresql) == [16, 15, 9]
    assert programs.mosquitto == tmp_path / "usr/sbin/mosquitto"


def test_an_unknown_distribution_is_told_what_is_needed(tmp_path: Path) -> None:
    places = machine(tmp_path, "ID=fedora\nVERSION_ID=44\n")

    with pytest.raises(DependencyMissing, match=r"PostGIS 3 and pgRouting 3.*not for fedora 44"):
        find_programs(places)


def test_what_tests_lack_is_named_and_nothing_else(tmp_path: Path) -> None:
    places = machine(tmp_path, 'ID=debian\nVERSION_ID="12"\n', "usr/bin/chromium")

    with pytest.raises(DependencyMissing, match=r"recommends fonts-nanum qemu-user [^\n]*$"):
        ensure_test_tools(places)


def test_on_ubuntu_the_browser_comes_from_elsewhere(tmp_path: Path) -> None:
    places = machine(tmp_path, 'ID=ubuntu\nVERSION_ID="24.04"\n')

    with pytest.raises(DependencyMissing, match="playwright install --with-deps chromium"):
        ensure_test_tools(places)


def test_nothing_is_asked_for_where_all_is_there(tmp_path: Path) -> None:
    ensure_test_tools(machine(tmp_path, "ID=debian\n", *TEST_TOOLS))
