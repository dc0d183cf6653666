import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.catalogue import Catalogue, Entry, Variant, WeightFile, load_catalogue
from models.errors import ModelError, WrongWeights
from models.sources import MIRROR_VARIABLE, find_mirror
from models.store import ModelStore, default_root
from models.weights import FileState
from shared.errors import ConfigError, DependencyMissing, StorageError
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
    with pytest.raises(WrongWeights, match=f"dongseon models pull {NAME}"):
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


def entry_beside_its_weights(folder: Path, body: bytes) -> None:
    """A model made on this machine: its file and its entry, as `dongseon models` writes them."""
    folder.mkdir(parents=True)
    (folder / "w.onnx").write_bytes(body)
    (folder / "entry.toml").write_text(
        f"""
[[models]]
name = "{folder.name}"
version = "1"
task = "embedding"
shows = "people"
licence = "own"
origin = "this machine"
runtimes = ["onnxruntime", "openvino"]
precision = "FP16"
input = {{ name = "image", width = 64, height = 128, colour = "bgr", fit = "stretch" }}

[models.embedding]
output = "embedding"
space = "{folder.name}"
dimensions = 128

[models.variants.FP16]
files = [{{ path = "local/{folder.name}/w.onnx", bytes = {len(body)}, sha256 = "{_sha(body)}" }}]

[models.variants.INT8]
runtimes = ["openvino"]
files = [{{ path = "local/{folder.name}/q.xml", bytes = 4, sha256 = "{_sha(b"none")}" }}]
""",
        encoding="utf-8",
    )


def test_a_model_made_on_this_machine_is_found_beside_its_weights(tmp_path: Path) -> None:
    entry_beside_its_weights(tmp_path / "local" / "ours", BODY)
    store = ModelStore(tmp_path)
    entry = store.catalogue.entry("ours")
    assert store.require(entry) == tmp_path / "local" / "ours" / "w.onnx"
    assert store.catalogue.space("ours").dimensions == 128
    assert "ours" not in load_catalogue().by_name
    with pytest.raises(DependencyMissing, match=r"q\.xml"):
        store.require(entry, "INT8")


def test_a_made_model_may_not_take_the_name_of_another(tmp_path: Path) -> None:
    entry_beside_its_weights(tmp_path / "local" / NAME, BODY)
    with pytest.raises(ConfigError, match=r"local: .*same name"):
        ModelStore(tmp_path)


def test_runtime_and_precision_are_chosen_to_go_together(tmp_path: Path) -> None:
    entry_beside_its_weights(tmp_path / "local" / "ours", BODY)
    entry = ModelStore(tmp_path).catalogue.entry("ours")
    assert entry.resolve(None, None) == ("onnxruntime", "FP16")
    assert entry.resolve(None, "INT8") == ("openvino", "INT8")
    assert entry.resolve("openvino", None) == ("openvino", "FP16")
    with pytest.raises(ModelError, match="INT8 does not run on onnxruntime"):
        entry.resolve("onnxruntime", "INT8")


def as_shipped(entry: Entry) -> Entry:
    """`entry` as if its weights came with the project."""
    file = WeightFile(path=f"starter/{entry.name}/w.onnx", bytes=len(BODY), sha256=_sha(BODY))
    return entry.model_copy(update={"variants": {"FP32": Variant(files=(file,))}})


def test_weights_that_come_with_the_project_need_no_pull(tmp_path: Path) -> None:
    entry = as_shipped(load_catalogue().entry(NAME))
    store = ModelStore(tmp_path / "empty", Catalogue(models=(entry,)))
    assert entry.shipped
    with pytest.raises(DependencyMissing, match="install that again"):
        store.require(entry)
    with pytest.raises(DependencyMissing, match="install that again"):
        store.pull(NAME, mirror_with(tmp_path / "m", BODY))
    assert store.path(entry.files[0]).parts[-4:] == ("models", "starter", NAME, "w.onnx")
    assert not store.root.exists()
