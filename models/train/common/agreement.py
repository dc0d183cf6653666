"""Whether the runtimes read an exported file as the network that was trained."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.catalogue import RuntimeName
from models.errors import ModelError
from models.runtimes.port import NetworkSpec, RuntimeOptions, Shape, make_runtime
from models.train.common.export import Interface


def check_agreement(
    network: nn.Module, interface: Interface, path: Path, tolerance: float = 5e-3
) -> float:
    """The greatest difference of any output between `network` and either runtime on the example.

    It is measured in units of the output's root mean square; what is left of it are the weights
    rounded to 16 bits.

    Raises:
        ModelError: it is above `tolerance`, or a runtime does not take the file.
    """
    wanted = _outputs(network, interface.example)
    worst = 0.0
    runtimes: tuple[RuntimeName, ...] = ("onnxruntime", "openvino")
    for name in runtimes:
        found = _infer(name, path, interface)
        for label, reference, value in zip(interface.outputs, wanted, found, strict=True):
            scale = float(np.sqrt(np.mean(np.square(reference)))) or 1.0
            difference = float(np.abs(value - reference).max()) / scale
            worst = max(worst, difference)
            if not difference <= tolerance:
                raise ModelError(
                    f"{path}: {label} on {name} differs by {difference:.2g} from the network that "
                    "was exported; train with more weight decay, or keep its weights at 32 bits"
                )
    return worst


def _outputs(network: nn.Module, example: Tensor) -> list[np.ndarray]:
    with torch.no_grad():
        given = network.cpu().eval()(example)
    return [one.numpy() for one in (given if isinstance(given, tuple) else (given,))]


def _infer(runtime: RuntimeName, path: Path, interface: Interface) -> list[np.ndarray]:
    picture = interface.example.numpy().astype(np.float32)
    shape: Shape = tuple(picture.shape)
    spec = NetworkSpec(
        path=path,
        input=interface.input,
        outputs=tuple(interface.outputs),
        shape=shape,
        run_at=shape,
    )
    network = make_runtime(runtime, RuntimeOptions(device="CPU", threads=1)).load(spec)
    given = network.infer({interface.input: picture})
    return [given[name] for name in interface.outputs]
