"""Cameras from the Korean national CCTV standard data (전국CCTV표준데이터) and its relatives.

Cities publish it as CSV in cp949 or UTF-8, with the standard's headings or local ones. A row is
one place, with one camera or several (카메라대수). Everything is read as a stream, twice: once to
learn the encoding, once for the rows.
"""

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from pydantic import ValidationError

from central.cameras.importing import ReadCamera, reject
from central.cameras.model import NewCamera, Rejected
from central.errors import InputError
from central.values import LonLat
from shared.ids import PLAIN_NAME
from shared.settings import explain

# Seoul, the largest city, plans for 200,000 cameras.
MAX_ROWS = 300_000
_CHUNK = 1 << 16
_ENCODINGS = ("utf-8-sig", "cp949")
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"

# The standard's heading first, then what cities write instead.
_HEADINGS = {
    "number": ("관리번호", "CCTV관리번호"),
    "agency_code": ("개방자치단체코드", "제공기관코드"),
    "agency": ("관리기관명", "관리기관"),
    "road_address": ("소재지도로명주소", "도로명주소"),
    "lot_address": ("소재지지번주소", "지번주소", "소재지주소", "설치위치"),
    "purpose": ("설치목적구분", "설치목적", "용도"),
    "count": ("카메라대수", "카메라수", "설치대수"),
    "direction": ("촬영방면정보", "촬영방면"),
    "latitude": ("WGS84위도", "위도", "latitude", "lat"),
    "longitude": ("WGS84경도", "경도", "longitude", "lon", "lng"),
}
# South Korea with its outermost islands: Marado, Baengnyeongdo, Dokdo, the line of demarcation.
_LATITUDES = (33.0, 39.0)
_LONGITUDES = (124.0, 132.0)

Row = dict[str, str]


def read_cameras(file: BinaryIO) -> Iterator[ReadCamera | Rejected]:
    """The cameras in `file` (seekable), row by row, in place of each wrong row its refusal.

    A camera's id is made of its agency's code and management number, so that a row that moves is
    the same camera; without a number, of agency, addresses, purpose, direction and coordinates.

    Raises:
        InputError: neither cp949 nor UTF-8, no coordinates among the headings, more than
            `MAX_ROWS` rows, or not CSV at all.
    """
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        rows = csv.reader(text)
        headings = [_plain(heading) for heading in next(rows, [])]
        columns = _columns(headings)
        for number, cells in enumerate((cells for cells in rows if cells), start=1):
            if number > MAX_ROWS:
                raise InputError(f"more than {MAX_ROWS} rows; import the file in parts")
            yield _read(number, headings, cells, columns)
    except csv.Error as error:
        raise InputError(f"the file stops being CSV in line {rows.line_num}: {error}") from error
    finally:
        text.detach()


def _encoding(file: BinaryIO) -> str:
    """The encoding in which the whole of `file` can be read, else the one its headings are in."""
    file.seek(0)
    start = file.readline(_CHUNK)
    readable = [name for name in _ENCODINGS if _decodes(file, name)]
    for name in (*readable, *_ENCODINGS):
        headings = start.decode(name, errors="replace").split(",")
        if {"latitude", "longitude"} <= _columns([_plain(text) for text in headings]).keys():
            return name
    raise InputError(
        "no heading for latitude and longitude (WGS84위도, WGS84경도) in the first line, read as "
        "UTF-8 and as cp949; is it the CCTV standard CSV, separated by commas?"
    )


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _plain(heading: str) -> str:
    return re.sub(r"[\s\ufeff\"']", "", heading)


def _columns(headings: list[str]) -> dict[str, str]:
    """For each thing we know, the heading it stands under in this file."""
    known = {heading.lower(): heading for heading in headings}
    return {
        name: next(known[alias.lower()] for alias in aliases if alias.lower() in known)
        for name, aliases in _HEADINGS.items()
        if any(alias.lower() in known for alias in aliases)
    }


def _read(
    number: int, headings: list[str], cells: list[str], columns: dict[str, str]
) -> ReadCamera | Rejected:
    row = dict(zip(headings, (" ".join(cell.split()) for cell in cells), strict=False))
    if len(cells) != len(headings):
        return reject(number, f"{len(cells)} fields under {len(headings)} headings", row)
    if any(_UNREADABLE in cell or "\x00" in cell for cell in cells):
        return reject(number, "characters that are neither cp949 nor UTF-8", row)
    try:
        return ReadCamera(number, _camera(row, columns), row)
    except ValidationError as error:
        return reject(number, explain(error).replace("\n", "; "), row)
    except InputError as error:
        return reject(number, str(error), row)


def _camera(row: Row, columns: dict[str, str]) -> NewCamera:
    known = {name: row[heading] for name, heading in columns.items() if row[heading]}
    position = _position(known)
    address = known.get("road_address") or known.get("lot_address")
    return NewCamera(
        id=_id(known, position),
        name=address or known.get("number") or f"{position.lat}, {position.lon}",
        position=position,
        purpose=known.get("purpose"),
        address=address,
        properties=_properties(row, known, columns),
    )


def _properties(row: Row, known: Row, columns: dict[str, str]) -> dict[str, str | int]:
    """The row as it stands, without the coordinates; `cameras` where a row is several cameras."""
    coordinates = {columns["latitude"], columns["longitude"]}
    kept: dict[str, str | int] = {
        heading: cell for heading, cell in row.items() if cell and heading not in coordinates
    }
    count = known.get("count", "1")
    if re.fullmatch(r"[0-9]{1,4}", count) and int(count) > 1:
        kept["cameras"] = int(count)
    return kept


def _position(known: Row) -> LonLat:
    latitude, longitude = (_degrees(known, name) for name in ("latitude", "longitude"))
    if _within(longitude, _LATITUDES) and _within(latitude, _LONGITUDES):
        raise InputError(f"latitude {latitude} and longitude {longitude} look swapped")
    if not (_within(latitude, _LATITUDES) and _within(longitude, _LONGITUDES)):
        raise InputError(f"latitude {latitude}, longitude {longitude} is not in South Korea")
    return LonLat(lon=longitude, lat=latitude)


def _degrees(known: Row, name: str) -> float:
    if name not in known:
        raise InputError(f"no {name}")
    try:
        return float(known[name])
    except ValueError as error:
        raise InputError(f"{name} {known[name][:40]!r} is not a number") from error


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _id(known: Row, position: LonLat) -> str:
    agency = known.get("agency_code") or known.get("agency", "")
    if "number" in known:
        plain = f"kr-{agency}-{known['number']}"
        return plain if re.fullmatch(PLAIN_NAME, plain) else _hashed(agency, known["number"])
    what = (known.get(name, "") for name in ("road_address", "lot_address", "purpose", "direction"))
    return _hashed(agency, *what, repr(position.lat), repr(position.lon))


def _hashed(*parts: str) -> str:
    return f"kr-{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:20]}"
