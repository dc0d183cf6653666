"""An older processor, emulated: `qemu-x86_64 -cpu Haswell` shows programs AVX2 and nothing newer.

Asking oneDNN for an older instruction set instead (ONEDNN_MAX_CPU_ISA) makes OpenVINO 2026.4 crash
on the re-identification networks.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from models.bench.outputs import Rows, Wanted, load
from models.errors import ModelError
from shared.errors import DependencyMissing

HASWELL = "Haswell"
"""The first processor with AVX2, and no VNNI: as the older i3 boxes."""

_QEMU = "qemu-x86_64"
_MACHINES = frozenset({"x86_64", "AMD64"})
_TIMEOUT_S = 1800.0
_ROOT = Path(__file__).resolve().parents[2]


def emulated(wanted: Wanted, processor: str = HASWELL) -> tuple[str, list[Rows]]:
    """What `outputs_of(wanted)` gives on `processor`, as qemu names it. 10 to 100 times slower.

    Raises:
        DependencyMissing: qemu is not here, or cannot run this machine's Python.
        ModelError: the program failed there.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "outputs.npz"
        command = [_qemu(), "-cpu", processor, sys.executable, "-m", "models.bench.outputs"]
        try:
            done = subprocess.run(
                [*command, str(out)],
                input=wanted.model_dump_json(),
                capture_output=True,
                text=True,
                check=False,
                cwd=_ROOT,
                timeout=_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired as error:
            raise ModelError(
                f"{wanted.model} took over {_TIMEOUT_S:.0f} s on an emulated {processor}; "
                "name fewer pictures"
            ) from error
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if "warning: TCG" not in line]
            raise ModelError(
                f"{wanted.model} on an emulated {processor} ended with {done.returncode}: "
                f"{said[-1] if said else 'it said nothing'}"
            )
        return load(out)


def _qemu() -> str:
    found = shutil.which(_QEMU)
    if found is None:
        raise DependencyMissing(f"{_QEMU} is not here; apt install qemu-user")
    if platform.machine() not in _MACHINES:
        raise DependencyMissing(
            f"an x86-64 processor can only be emulated for programs of x86-64, and this machine "
            f"is {platform.machine()}"
        )
    return found
