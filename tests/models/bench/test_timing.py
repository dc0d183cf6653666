from pathlib import Path

import pytest

from models.bench.cases import Case, Loaded, Unavailable, Wish, cases_of, load
from models.bench.processor import Processor, read_processor
from models.bench.run import run_bench
from models.bench.timing import measure
from models.catalogue import Catalogue, load_catalogue
from models.errors import ModelError
from models.runtimes.port import Arithmetic
from models.store import ModelStore
from shared.errors import DependencyMissing, PictureError

OSNET = "osnet-x0-25"
PROCESSOR = Processor("test", 2, ("AVX2",))


def case(variant: str = "FP32", arithmetic: Arithmetic = "f32", batch: int = 1) -> Case:
    return Case(load_catalogue().entry(OSNET), "openvino", variant, arithmetic, 1, batch)


class Machine:
    """Clocks that only the calls move, each by its own seconds; two cores work all the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []
        self.clocks = (lambda: self.now), (lambda: 2 * self.now)

    def loaded(self, kind: Case, runs_as: str, seconds: float) -> Loaded:
        def call() -> None:
            self.now += seconds
            self.calls.append(runs_as)

        return Loaded(kind, call, runs_as)


def test_each_round_calls_every_case_once_until_the_time_is_up() -> None:
    machine = Machine()
    one = machine.loaded(case(), "one@1 openvino/CPU/f32", 0.1)
    two = machine.loaded(case("INT8"), "two@1 openvino/CPU/int8", 0.05)
    measured = measure([one, two], 1.0, PROCESSOR, machine.clocks)
    rounds = [set(machine.calls[at : at + 2]) for at in range(0, len(machine.calls), 2)]
    assert all(len(names) == 2 for names in rounds)
    assert len(rounds) == 14  # 2 s of 0.15 s each
    assert [timing.p50_ms for timing in measured.timings] == [100, 50]
    assert [timing.cpu_ms for timing in measured.timings] == [200, 100]
    assert [timing.computes for timing in measured.timings] == ["f32", "int8"]


def test_a_figure_is_for_one_picture_and_set_against_f32_alike() -> None:
    machine = Machine()
    cases = [
        machine.loaded(case(batch=8), "a@1 openvino/CPU/f32", 0.8),
        machine.loaded(case("INT8", batch=8), "a@1 openvino/CPU/int8", 0.4),
        machine.loaded(case("INT8", batch=1), "a@1 openvino/CPU/int8", 0.1),
    ]
    timings = measure(cases, 0, PROCESSOR, machine.clocks).timings
    assert [timing.p50_ms for timing in timings] == [100, 50, 100]
    assert [timing.against_f32 for timing in timings] == [None, 0.5, None]
    assert all(timing.calls == 5 for timing in timings)


def test_what_the_machine_cannot_do_is_said_and_not_measured() -> None:
    measured = measure([Unavailable(case("FP32", "bf16"), "got f32")], 1, PROCESSOR)
    assert measured.timings == []
    assert [(missing.computes, missing.reason) for missing in measured.missing] == [
        ("bf16", "got f32")
    ]
    assert measured.as_json()["processor"]["instructions"] == ("AVX2",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "processor\t: 0\nmodel name\t: Intel(R) N100\nflags\t: avx2 avx_vnni\nprocessor\t: 1\n",
            Processor("Intel(R) N100", 2, ("AVX2", "AVX-VNNI")),
        ),
        (
            "processor\t: 0\nFeatures\t: fp asimd asimddp\nModel\t\t: Board\n",
            Processor("Board", 1, ("ARM dot product",)),
        ),
    ],
    ids=["x86", "ARM"],
)
def test_the_processor_is_read_from_what_linux_says(
    tmp_path: Path, text: str, expected: Processor
) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(text)
    assert read_processor(path) == expected


def test_without_that_file_there_is_a_name(tmp_path: Path) -> None:
    assert read_processor(tmp_path / "none").name


def test_every_file_runtime_and_arithmetic_is_a_case(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    wish = Wish(models=[OSNET], threads=(1, 2), batches=(1, 8))
    found = {
        (each.runtime, each.precision, each.threads, each.batch) for each in cases_of(store, wish)
    }
    assert len(found) == 12
    assert ("openvino", "bf16", 2, 8) in found
    assert ("onnxruntime", "bf16", 1, 1) not in found
    only = Wish(models=[OSNET], runtimes=("openvino",), precisions=("f32",))
    assert [(each.runtime, each.precision) for each in cases_of(store, only)] == [
        ("openvino", "f32")
    ]


def test_a_model_for_what_is_not_timed_is_refused(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    other = next(each.name for each in store.catalogue.models if each.task == "plate_detection")
    with pytest.raises(ModelError, match="only detection, embedding,"):
        list(cases_of(store, Wish(models=[other])))


def test_a_model_that_was_named_must_be_here_and_others_are_left_out(tmp_path: Path) -> None:
    with pytest.raises(DependencyMissing, match="dongseon models pull"):
        run_bench(ModelStore(tmp_path), Wish(models=[OSNET]), 0)
    only = Catalogue(models=(load_catalogue().entry(OSNET),))
    with pytest.raises(DependencyMissing, match="nothing to measure"):
        run_bench(ModelStore(tmp_path, only), Wish(), 0)


def test_a_picture_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(PictureError, match=r"a\.jpg"):
        run_bench(ModelStore(tmp_path), Wish(picture=tmp_path / "a.jpg"), 0)


def test_real_models_are_measured_and_tell_what_they_compute_in(weights: ModelStore) -> None:
    wish = Wish(models=[OSNET, "yolox-nano-416"], runtimes=("onnxruntime",), batches=(2,))
    timings = run_bench(weights, wish, 0).timings
    assert {(each.model, each.runs_as.partition(" ")[2], each.batch) for each in timings} == {
        (OSNET, "onnxruntime/CPU/f32", 2),
        ("yolox-nano-416", "onnxruntime/CPU/f32", 1),
    }
    assert all(0 < each.p50_ms <= each.p90_ms for each in timings)


def test_arithmetic_the_processor_lacks_is_unavailable(weights: ModelStore) -> None:
    (wanted,) = cases_of(weights, Wish(models=[OSNET], precisions=("bf16",)))
    found = load(wanted, weights, None)
    if {"AVX-512-BF16", "AMX-BF16", "ARM BF16"} & set(read_processor().instructions):
        assert isinstance(found, Loaded)
        assert found.runs_as.endswith("/bf16")
    else:
        assert isinstance(found, Unavailable)
        assert "asked for bf16 arithmetic, got f32" in found.reason
