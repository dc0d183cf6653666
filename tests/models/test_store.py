import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.catalogue import Catalogue, WeightFile, load_catalogue
from models.errors import ModelError, WrongWeights
from models.sources import MIRROR_VARIABLE, find_mirror
from models.store import ModelStore, default_root
from models.weights import FileState
from shared.errors import DependencyMissing, StorageError
from tests.models.file_server import FileServer

NAME = "osnet-x0-25"
BODY = bytes(range(256)) * 4096


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FileServer(BODY).running() as running:
        yield running


def store_at(root: Path, url: str | None = None) -> ModelStore:
    """A store of one model whose one file is `BODY`."""
    entry = load_catalogue().entry(NAME)
    file = WeightFile(path=f"{NAME}/w.onnx", bytes=len(BODY), sha256=_sha(BODY))
    # A copy is not validated: the catalogue takes https only, the tests' server has no certificate.
    variant = entry.variant().model_copy(update={"files": (file.model_copy(update={"url": url}),)})
    return ModelStore(
        root, Catalogue(models=(entry.model_copy(update={"variants": {"FP32": variant}}),))
    )


def mirror_with(folder: Path, body: bytes) -> Path:
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / "w.onnx").write_bytes(body)
    return folder


def part_of(store: ModelStore) -> Path:
    [part] = (store.root / NAME).glob(".*.part")
    return part


def _sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def test_a_pull_from_a_mirror_brings_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    store = store_at(tmp_path / "store")
    told: list[int] = []
    [path] = store.pull(NAME, mirror_with(tmp_path / "m", BODY), lambda _, done: told.append(done))
    assert path.read_bytes() == BODY
    assert list(path.parent.iterdir()) == [path]
    assert told == sorted(told)
    assert told[-1] == len(BODY)
    assert store.require(store.catalogue.entry(NAME)) == path


def test_a_second_pull_fetches_nothing(tmp_path: Path, server: FileServer) -> None:
    store = store_at(tmp_path, server.url)
    store.pull(NAME)
    store.pull(NAME)
    assert server.ranges == [None]


def test_two_pulls_at_once_fetch_once(tmp_path: Path, server: FileServer) -> None:
    stores = [store_at(tmp_path, server.url) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(lambda store: store.pull(NAME), stores))
    assert paths[0] == paths[1]
    assert paths[0][0].read_bytes() == BODY
    assert server.ranges == [None]
    assert list(paths[0][0].parent.iterdir()) == paths[0]


def test_a_broken_download_goes_on_from_where_it_broke(tmp_path: Path, server: FileServer) -> None:
    store = store_at(tmp_path, server.url)
    server.cut_after = 600_000
    with pytest.raises(ModelError, match=f"run the command again.*{MIRROR_VARIABLE}"):
        store.pull(NAME)
    kept = part_of(store).stat().st_size
    assert 0 < kept <= 600_000
    server.cut_after = None
    [path] = store.pull(NAME)
    assert path.read_bytes() == BODY
    assert server.ranges == [None, f"bytes={kept}-"]


def test_a_broken_copy_from_a_mirror_goes_on_too(tmp_path: Path) -> None:
    store = store_at(tmp_path / "store")
    with pytest.raises(ModelError, match="ended after 1000 of"):
        store.pull(NAME, mirror_with(tmp_path / "torn", BODY[:1000]))
    assert part_of(store).stat().st_size == 1000
    told: list[int] = []
    mirror = mirror_with(tmp_path / "whole", b"?" * 1000 + BODY[1000:])
    [path] = store.pull(NAME, mirror, lambda _, done: told.append(done))
    assert path.read_bytes() == BODY  # the first 1000 bytes were not read again


def test_a_server_that_ignores_ranges_is_read_from_the_start(
    tmp_path: Path, server: FileServer
) -> None:
    store = store_at(tmp_path, server.url)
    server.cut_after = 600_000
    with pytest.raises(ModelError):
        store.pull(NAME)
    server.cut_after, server.ignores_ranges = None, True
    [path] = store.pull(NAME)
    assert path.read_bytes() == BODY


def test_a_damaged_beginning_is_fetched_again(tmp_path: Path, server: FileServer) -> None:
    store = store_at(tmp_path, server.url)
    server.cut_after = 600_000
    with pytest.raises(ModelError):
        store.pull(NAME)
    part = part_of(store)
    part.write_bytes(b"\0" * part.stat().st_size)
    server.cut_after = None
    [path] = store.pull(NAME)
    assert path.read_bytes() == BODY


def test_wrong_bytes_are_never_kept_and_the_error_names_both_checksums(
    tmp_path: Path, server: FileServer
) -> None:
    server.body = bytes(len(BODY))
    store = store_at(tmp_path, server.url)
    expected = f"w.onnx.*sha256 {_sha(server.body)}, expected {_sha(BODY)}; pull it again"
    with pytest.raises(WrongWeights, match=expected):
        store.pull(NAME)
    assert part_of(store).stat().st_size == 0
    assert set(store.verify(NAME).values()) == {FileState.MISSING}


def test_no_more_than_the_catalogues_bytes_are_ever_written(
    tmp_path: Path, server: FileServer
) -> None:
    server.body = BODY * 8
    store = store_at(tmp_path, server.url)
    with pytest.raises(WrongWeights, match=f"more than the {len(BODY)} bytes"):
        store.pull(NAME)
    assert part_of(store).stat().st_size == 0


def test_a_server_that_refuses_is_named_with_its_answer(tmp_path: Path, server: FileServer) -> None:
    server.status = 503
    with pytest.raises(ModelError, match="answered 503; name a mirror"):
        store_at(tmp_path, server.url).pull(NAME)


def test_without_a_network_the_error_names_the_mirror_variable(tmp_path: Path) -> None:
    with FileServer(BODY).running() as gone:
        url = gone.url
    with pytest.raises(ModelError, match=MIRROR_VARIABLE):
        store_at(tmp_path, url).pull(NAME)
    with pytest.raises(DependencyMissing, match=f"no official URL.*{MIRROR_VARIABLE}"):
        store_at(tmp_path).pull(NAME)


def test_a_mirror_without_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DependencyMissing, match=r"has no osnet-x0-25/w\.onnx; name another"):
        store_at(tmp_path / "store").pull(NAME, tmp_path)


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    root = tmp_path / "a-file"
    root.write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        store_at(root).pull(NAME, mirror_with(tmp_path / "m", BODY))


def test_weights_that_are_missing_or_altered_are_not_run(tmp_path: Path) -> None:
    store = store_at(tmp_path / "store")
    entry = store.catalogue.entry(NAME)
    with pytest.raises(DependencyMissing, match=f"dongseon models pull {NAME}"):
        store.require(entry)
    mirror = mirror_with(tmp_path / "m", BODY)
    [path] = store.pull(NAME, mirror)
    path.write_bytes(bytes(len(BODY)))
    assert set(store.verify(NAME).values()) == {FileState.WRONG}
    with pytest.raises(WrongWeights, match="replace it with"):
        store.require(entry)
    store.pull(NAME, mirror)
    assert store.require(entry).read_bytes() == BODY


def test_the_mirror_is_the_one_named_then_the_environments(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    environ = {MIRROR_VARIABLE: str(tmp_path / "b")}
    assert find_mirror(tmp_path / "a", environ) == tmp_path / "a"
    assert find_mirror(None, environ) == tmp_path / "b"
    with pytest.raises(DependencyMissing, match="is not a folder"):
        find_mirror(tmp_path / "c", environ)


def test_the_store_is_the_environments_or_in_the_users_cache(tmp_path: Path) -> None:
    assert default_root({"DONGSEON_MODEL_DIR": str(tmp_path)}) == tmp_path
    assert default_root({"XDG_CACHE_HOME": "/c"}) == Path("/c/dongseon/models")
    assert default_root({}) == Path.home() / ".cache/dongseon/models"
