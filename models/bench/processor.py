"""Which instructions for networks the processor has."""

import platform
import re
from pathlib import Path
from typing import NamedTuple

_CPUINFO = Path("/proc/cpuinfo")

# As Linux names them. Without one of the VNNI, sums of INT8 products overflow on x86.
_NAMED = {
    "sse4_2": "SSE4.2",
    "avx2": "AVX2",
    "avx_vnni": "AVX-VNNI",
    "avx512f": "AVX-512",
    "avx512_vnni": "AVX-512-VNNI",
    "avx512_bf16": "AVX-512-BF16",
    "amx_int8": "AMX-INT8",
    "amx_bf16": "AMX-BF16",
    "asimddp": "ARM dot product",
    "i8mm": "ARM I8MM",
    "bf16": "ARM BF16",
}


class Processor(NamedTuple):
    """Its name, its logical cores, and which of the instructions that matter it has."""

    name: str
    cores: int
    instructions: tuple[str, ...]


def read_processor(path: Path = _CPUINFO) -> Processor:
    """The processor that `path`, laid out as `/proc/cpuinfo`, tells of.

    Where there is no such file, a name alone.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return Processor(platform.machine() or "unknown", 0, ())
    flags = set(_field(text, "flags|Features").split())
    found = tuple(name for flag, name in _NAMED.items() if flag in flags)
    name = _field(text, "model name|Model") or platform.machine()
    return Processor(name, len(re.findall(r"^processor\s*:", text, re.MULTILINE)), found)


def _field(text: str, names: str) -> str:
    match = re.search(rf"^(?:{names})\s*:\s*(.*)$", text, re.MULTILINE)
    return match[1].strip() if match else ""
