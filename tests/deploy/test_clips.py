"""The demonstration clip is found, or one is told how to get it."""

from pathlib import Path

import pytest

from deploy import clips
from deploy.clips import find_vtest
from shared.errors import DependencyMissing


def test_a_clip_in_the_named_cache_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(clips.CACHE_VARIABLE, str(tmp_path))
    (tmp_path / "vtest.avi").touch()

    assert find_vtest() == tmp_path / "vtest.avi"


def test_the_cache_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(clips.CACHE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert clips.clip_cache() == tmp_path / "dongseon/clips"


def test_without_apt_the_error_says_how_to_get_the_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(clips.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(clips, "_REPOSITORY", tmp_path / "elsewhere/repository")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(DependencyMissing, match=r"no Debian or Ubuntu.*put the clip"):
        find_vtest()
    assert not (tmp_path / "cache").exists()
