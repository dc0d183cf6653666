"""What a person may choose of collecting: `[collect]` of `box.toml`, and the command's options."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from shared.settings import Settings

MaskKind = Literal["faces", "people", "none"]
"""What is made unrecognisable: faces, heads and plates; people wholly, besides; nothing."""

_MIB = 1024 * 1024


class CollectSettings(Settings):
    """`[collect]`: keep hard frames of the site, to learn from them. Nothing is kept without it.

    `out` is the folder, `quota_mib` caps it; `mask` says what is made unrecognisable before
    anything is written; frames go after `keep_days`. At most one frame in `every_s` seconds of a
    channel is kept; `random` is the share of these that chance chooses, hard or not. `min_free_mib`
    is what must be left free on the disk.
    """

    out: Path
    quota_mib: Annotated[int, Field(ge=1, le=1024 * 1024)] = 1024
    mask: MaskKind = "faces"
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 30
    every_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] = 10.0
    random: Annotated[float, Field(ge=0, le=1)] = 0.1
    min_free_mib: Annotated[int, Field(ge=0)] = 512

    @property
    def quota_bytes(self) -> int:
        """The cap in bytes."""
        return self.quota_mib * _MIB

    @property
    def min_free_bytes(self) -> int:
        """What must be left free, in bytes."""
        return self.min_free_mib * _MIB
