"""What every trainer shares: the schedule, the average, the device, the exported file."""

from pathlib import Path

import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from models.errors import ModelError
from models.train.common.agreement import check_agreement
from models.train.common.average import WeightAverage
from models.train.common.device import device_called, seed_everything
from models.train.common.export import HALF, Interface, export_onnx, fold
from models.train.common.schedule import CosineSchedule
from shared.errors import ConfigError


def network() -> nn.Sequential:
    """A convolution, a normalisation that has seen pictures, and what follows."""
    torch.manual_seed(0)
    made = nn.Sequential(
        nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 2, 1)
    )
    made(torch.rand(4, 3, 16, 16) * 5)
    return made.eval()


def interface(side: int = 16) -> Interface:
    picture = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    return Interface(picture, "image", ("output",), {0: "batch", 2: "height", 3: "width"})


@given(st.floats(-1, 2))
def test_the_rate_stays_between_its_floor_and_its_peak(done: float) -> None:
    assert 0.02 * 0.1 - 1e-12 <= CosineSchedule(0.1).rate(done) <= 0.1 + 1e-12


def test_the_rate_rises_at_first_and_falls_to_its_floor() -> None:
    schedule = CosineSchedule(1.0, warm_up=0.1, floor=0.01)
    assert schedule.rate(0.05) == pytest.approx(0.5)
    assert schedule.rate(0.1) == pytest.approx(1.0)
    assert schedule.rate(0.5) > schedule.rate(0.9) > schedule.rate(1.0) == pytest.approx(0.01)


def test_the_average_follows_the_weights_slowly() -> None:
    layer = nn.Linear(1, 1)
    average = WeightAverage(layer, decay=0.9)
    start = float(average.network.get_parameter("weight"))
    with torch.no_grad():
        layer.weight += 1
    for _ in range(200):
        before = float(average.network.get_parameter("weight"))
        average.update(layer)
        assert before <= float(average.network.get_parameter("weight")) <= start + 1 + 1e-6
    assert float(average.network.get_parameter("weight")) == pytest.approx(start + 1, abs=1e-3)


def test_folding_changes_nothing_that_comes_out() -> None:
    own, picture = network(), interface().example
    folded = fold(own)
    assert not any(isinstance(one, nn.BatchNorm2d) for one in folded.modules())
    assert any(isinstance(one, nn.BatchNorm2d) for one in own.modules())
    with torch.no_grad():
        assert torch.allclose(folded(picture), own(picture), atol=1e-5)


def test_both_runtimes_read_a_file_with_its_weights_at_16_bits(tmp_path: Path) -> None:
    path = export_onnx(network(), interface(), tmp_path / "net.onnx")
    names = [one.name for one in onnx.load(path).graph.initializer]
    assert any(name.endswith(HALF) for name in names)
    for side in (16, 48):
        assert check_agreement(network(), interface(side), path) < 5e-3


def test_a_file_of_another_network_is_noticed(tmp_path: Path) -> None:
    path = export_onnx(network(), interface(), tmp_path / "net.onnx")
    other = network()
    with torch.no_grad():
        other[3].get_parameter("weight").mul_(1.5)
    with pytest.raises(ModelError, match="differs by"):
        check_agreement(other, interface(), path)


def test_a_weight_too_large_for_16_bits_is_refused_and_nothing_left(tmp_path: Path) -> None:
    own = network()
    with torch.no_grad():
        own[0].get_parameter("weight").mul_(1e7)
    with pytest.raises(ModelError, match="too large for 16 bits"):
        export_onnx(own, interface(), tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())


def test_a_device_that_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert device_called("cpu").type == "cpu"
    with pytest.raises(ConfigError, match="no CUDA device"):
        device_called("cuda")
    with pytest.raises(ConfigError, match="no device 'tpu'"):
        device_called("tpu")


def test_a_seed_gives_the_same_weights_again() -> None:
    first = seed_everything(5).random(), torch.rand(1)
    second = seed_everything(5).random(), torch.rand(1)
    assert first == second
