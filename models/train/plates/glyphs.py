"""Faces to draw plates with: a picture of every character that a plate may bear.

The typeface of real plates is not to be had as a font. Faces come from fonts that Debian packages
under free licences (nanum and noto-cjk: OFL; baekmuk: its own, MIT-like; unfonts: GPL-2 with the
font exception) and from the folder of glyphs of qjadud1994/Korean-license-plate-Generator (MIT),
which are close to the typeface in use since 2006.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.plates.layouts import LETTERS, REGIONS
from shared.errors import DependencyMissing

Mask = NDArray[np.uint8]
"""H x W, 255 where there is ink."""

DIGITS = "0123456789"
SYLLABLES = "".join(sorted({*LETTERS, *"".join(REGIONS)}))
FONT_FOLDERS = (Path("/usr/share/fonts"),)

TRAINED_FONTS = (
    *("NanumGothicBold.ttf", "NanumGothicCodingBold.ttf", "NanumSquareB.ttf"),
    *("NanumSquareRoundB.ttf", "NanumSquareR.ttf", "UnDotumBold.ttf", "UnDinaruBold.ttf"),
    *("dotum.ttf", "hline.ttf", "NotoSansCJK-Bold.ttc"),
)
MORE_FONTS = (
    *("NanumGothic.ttf", "NanumSquareRoundR.ttf", "UnDotum.ttf", "UnDinaru.ttf"),
    *("NotoSansCJK-Regular.ttc", "NanumGothicCoding.ttf"),
)
"""Training has these too, so thin that plates to judge readers on are not drawn in them."""

UNSEEN_FONTS = ("NanumBarunGothicBold.ttf", "UnGraphicBold.ttf", "gulim.ttf")
"""Kept out of training, to be judged on."""

_PACKAGES = "fonts-nanum fonts-noto-cjk fonts-baekmuk fonts-unfonts-core"
_POINTS = 96
_HEIGHT = 72
"""Of a kept glyph, in pixels: more than it is drawn at."""
_INK = 96
_KOREAN_OF_NOTO = 1
"""Noto's collections have Japanese first, then Korean."""

# The glyph folder's file names are the keys of the Korean keyboard: consonant, vowel.
_CONSONANTS = dict(zip("rsefaqtdwg", (0, 2, 3, 5, 6, 7, 9, 11, 12, 18), strict=True))
_VOWELS = {"k": 0, "j": 4, "h": 8, "n": 13}
_FIRST_SYLLABLE, _VOWELS_EACH, _FINALS_EACH = 0xAC00, 21, 28
_FOLDER_REGIONS = (
    *("서울", "경기", "인천", "강원", "충남", "대전", "충북", "부산"),
    *("울산", "대구", "경북", "경남", "전남", "광주", "전북", "제주"),
)


class Face(NamedTuple):
    """One look of all characters; digits keep their side bearings, so that a 1 stays narrow."""

    name: str
    glyphs: Mapping[str, Mask]


def font_faces(names: Iterable[str], folders: Iterable[Path] = FONT_FOLDERS) -> list[Face]:
    """The faces of the font files called `names`, found below `folders`.

    Raises:
        DependencyMissing: one is not installed.
    """
    found = {path.name: path for folder in folders for path in sorted(folder.rglob("*.tt[fc]"))}
    missing = [name for name in names if name not in found]
    if missing:
        raise DependencyMissing(
            f"the fonts {', '.join(missing)} are not installed; `apt-get install {_PACKAGES}`"
        )
    return [_font_face(found[name]) for name in names]


def folder_face(folder: Path, rest: Face) -> Face:
    """The face of the glyph folder, with what it lacks (하, 호, 배, 세, 종) taken from `rest`.

    Raises:
        DependencyMissing: the folder does not hold the glyphs.
    """
    syllables = {
        _syllable(path.stem): _tight(_read(path)) for path in sorted((folder / "char1").glob("*"))
    }
    digits = {digit: _read(folder / "num" / f"{digit}.jpg") for digit in DIGITS}
    regional = {
        syllable: mask
        for number, region in enumerate(_FOLDER_REGIONS)
        for syllable, mask in _halves(region, folder / "region_y" / f"{chr(65 + number)}.jpg")
    }
    own = {**regional, **syllables, **_level(digits)}
    return Face(folder.name, {**rest.glyphs, **_small(own)})


def _font_face(path: Path) -> Face:
    index = _KOREAN_OF_NOTO if path.suffix == ".ttc" else 0
    font = ImageFont.truetype(str(path), _POINTS, index=index)
    digits = {digit: _drawn(font, digit) for digit in DIGITS}
    syllables = {syllable: _tight(_drawn(font, syllable)) for syllable in SYLLABLES}
    return Face(path.stem, _small({**syllables, **_level(digits)}))


def _drawn(font: ImageFont.FreeTypeFont, character: str) -> Mask:
    width = max(1, round(font.getlength(character)))
    canvas = Image.new("L", (width, 2 * _POINTS))
    ImageDraw.Draw(canvas).text((0, _POINTS // 2), character, font=font, fill=255)
    return np.asarray(canvas, dtype=np.uint8)


def _read(path: Path) -> Mask:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise DependencyMissing(f"{path} is not a glyph; see ../shared/data/README.md for them")
    return np.asarray(255 - picture, dtype=np.uint8)


def _halves(region: str, path: Path) -> list[tuple[str, Mask]]:
    # Yellow (226 as grey) is the paper here.
    mask = np.asarray(np.clip(_read(path).astype(np.int16) - 29, 0, 255), dtype=np.uint8)
    middle = _gap(mask)
    return [(region[0], _tight(mask[:, :middle])), (region[1], _tight(mask[:, middle:]))]


def _gap(mask: Mask) -> int:
    """The column between two syllables: the emptiest near the middle."""
    start, end = mask.shape[1] * 4 // 10, mask.shape[1] * 6 // 10
    ink = mask[:, start:end].sum(axis=0, dtype=np.int64)
    return int(start + ink.argmin())


def _tight(mask: Mask) -> Mask:
    rows, columns = (np.flatnonzero((mask > _INK).any(axis=axis)) for axis in (1, 0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _level(digits: Mapping[str, Mask]) -> dict[str, Mask]:
    """`digits` cut above and below where none of them has ink."""
    inked = [np.flatnonzero((mask > _INK).any(axis=1)) for mask in digits.values()]
    top, bottom = min(int(rows[0]) for rows in inked), max(int(rows[-1]) for rows in inked)
    return {digit: mask[top : bottom + 1] for digit, mask in digits.items()}


def _small(glyphs: Mapping[str, Mask]) -> dict[str, Mask]:
    small = {}
    for character, mask in glyphs.items():
        scale = min(1.0, _HEIGHT / mask.shape[0])
        size = (max(1, round(mask.shape[1] * scale)), round(mask.shape[0] * scale))
        scaled = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
        small[character] = np.asarray(scaled, dtype=np.uint8)
    return small


def _syllable(keys: str) -> str:
    consonant, vowel = _CONSONANTS[keys[0]], _VOWELS[keys[1]]
    return chr(_FIRST_SYLLABLE + (consonant * _VOWELS_EACH + vowel) * _FINALS_EACH)
