"""The report as one page of HTML that needs nothing else. No input or output here."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from uuid import UUID
from zoneinfo import ZoneInfo

from central.routes.model import Leg, Route, Stop
from central.routes.out.report.ground import Ground
from central.routes.out.report.labels import label, type_label
from central.routes.out.report.picture import STYLES, bounds, svg
from central.routes.out.report.style import STYLE
from central.routes.verdicts import LegType
from central.routes.words import Lang, lasting, metres, sentence

_KMH = 3.6


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report shows besides the route.

    `crops`: WebP pictures by sighting, or the name of the label that says why there is none.
    `printed_by` and `printed_at`: who asked for it, and when.
    """

    ground: Ground
    crops: Mapping[UUID, bytes | str]
    printed_at: datetime
    printed_by: str
    zone: ZoneInfo
    lang: Lang


def page(route: Route, facts: Facts) -> str:
    """The whole document."""
    lang = facts.lang
    title = f"{label('title', lang)}: {route.name or route.id}"
    parts = [
        f"<header><h1>{escape(title)}</h1>{_summary(route, facts)}</header>",
        _section("map", _map(route, facts), lang),
        _section("stops", _stops(route, facts), lang),
        _section("legs", _legs(route, facts), lang) if route.legs else "",
        _section("how", _how(route, facts), lang),
    ]
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>"
    )


def _section(name: str, inside: str, lang: Lang) -> str:
    return f'<section class="{name}"><h2>{escape(label(name, lang))}</h2>{inside}</section>'


def _summary(route: Route, facts: Facts) -> str:
    lang = facts.lang
    counts = [
        f"{type_label(kind, lang)} {number}"
        for kind in LegType
        if (number := sum(leg.type is kind for leg in route.legs))
    ]
    begun = _when(route.stops[0].arrived, facts)
    ended = _when(max(stop.left for stop in route.stops), facts)
    told = [
        f"{begun} ~ {ended} ({facts.zone.key})",
        f"{label('total', lang)} {metres(route.distance_m)}, {lasting(route.duration_s, lang)}",
        f"{label('stops', lang)} {len(route.stops)}",
        *counts,
        f"{label('version', lang)} {route.version}",
    ]
    return f"<p>{escape(' · '.join(told))}</p>"


def _map(route: Route, facts: Facts) -> str:
    box = bounds(route)
    if box is None:
        return f"<p>{escape(label('no_map', facts.lang))}</p>"
    drawn = svg(route, facts.ground, box, label("map", facts.lang))
    return f"<figure>{drawn}<figcaption>{_legend(facts.lang)}</figcaption></figure>"


def _legend(lang: Lang) -> str:
    keys = []
    for kind, style in STYLES.items():
        cross = '<path d="M14 0l8 8m0-8l-8 8" stroke="#b51f2a" stroke-width="2"/>'
        crossed = cross if kind is LegType.CONTRADICTION else ""
        told = type_label(kind, lang)
        if crossed:
            told += f" ({label('not_travelled', lang)})"
        keys.append(
            f'<span><svg class="key" viewBox="0 0 36 8"><path d="M2 4h32" fill="none" {style} '
            f'stroke-linecap="round"/>{crossed}</svg> {escape(told)}</span>'
        )
    camera = '<svg class="key" viewBox="0 0 36 8"><path d="M18 0l4 8h-8z" fill="#5b7fa6"/></svg>'
    keys.append(f"<span>{camera} {escape(label('views', lang))}</span>")
    return "".join(keys)


def _stops(route: Route, facts: Facts) -> str:
    heads = ("picture", "camera", "arrived", "left", "stayed", "clock", "sighting")
    rows = [_stop(stop, facts) for stop in route.stops]
    return _table(["#", *(label(name, facts.lang) for name in heads)], rows)


def _stop(stop: Stop, facts: Facts) -> list[str]:
    lang = facts.lang
    camera = f"<b>{escape(stop.camera_name)}</b><small>{escape(stop.camera)}</small>"
    if stop.position is None:
        camera += f"<small>{escape(label('no_place', lang))}</small>"
    plate = f"<small>{label('plate', lang)} {escape(stop.plate)}</small>" if stop.plate else ""
    return [
        f"<b>{stop.number}</b>",
        _crop(stop, facts),
        camera,
        escape(_when(stop.arrived, facts)),
        escape(_when(stop.left, facts)),
        escape(lasting(stop.dwell_s, lang)),
        _clock(stop, facts),
        f"<small>{stop.sighting_id}</small>{plate}",
    ]


def _crop(stop: Stop, facts: Facts) -> str:
    found = facts.crops.get(stop.sighting_id, "gone")
    if isinstance(found, str):
        return f"<small>{escape(label(found, facts.lang))}</small>"
    data = b64encode(found).decode("ascii")
    return f'<img alt="{stop.number}" src="data:image/webp;base64,{data}">'


def _clock(stop: Stop, facts: Facts) -> str:
    lang = facts.lang
    offset = (
        label("unmeasured", lang)
        if stop.clock_offset_s is None
        else f"{label('offset', lang)} {stop.clock_offset_s:+.2f} s"
    )
    told = [
        f"{label('box_time', lang)} ({stop.box}) {_when(stop.box_arrived, facts)}",
        offset,
        f"{label('may_be_off', lang)} {lasting(stop.clock_s, lang)}",
    ]
    return "".join(f"<small>{escape(each)}</small>" for each in told)


def _legs(route: Route, facts: Facts) -> str:
    heads = ("leg", "type", "distance", "time", "speed", "why")
    rows = [_leg(leg, facts.lang) for leg in route.legs]
    return _table([label(name, facts.lang) for name in heads], rows)


def _leg(leg: Leg, lang: Lang) -> list[str]:
    mode = "" if leg.mode is None else f"<small>{escape(label(leg.mode.value, lang))}</small>"
    kind = f'<b class="{leg.type}">{escape(type_label(leg.type, lang))}</b>{mode}'
    return [
        f"<b>{leg.from_}&nbsp;→&nbsp;{leg.to}</b>",
        kind,
        _distance(leg, lang),
        _time(leg, lang),
        "-" if leg.speed_m_s is None else f"{leg.speed_m_s * _KMH:.1f} km/h",
        _why(leg, lang),
    ]


def _distance(leg: Leg, lang: Lang) -> str:
    if leg.distance_m is None or leg.straight_m is None:
        return "-"
    straight = f"{label('straight', lang)} {metres(leg.straight_m)}"
    return f"{escape(metres(leg.distance_m))}<small>{escape(straight)}</small>"


def _time(leg: Leg, lang: Lang) -> str:
    if leg.overlap_s > 0:
        return escape(f"{lasting(leg.overlap_s, lang)} {label('overlap', lang)}")
    return escape(lasting(leg.duration_s, lang))


def _why(leg: Leg, lang: Lang) -> str:
    told = [sentence(each.code, each.figures, lang) for each in leg.reasons]
    lines = "".join(f"<li>{escape(each)}</li>" for each in told)
    found = f"<ul>{lines}</ul>"
    if leg.explanations:
        each = "".join(
            f"<li>{escape(sentence(one.code, one.figures, lang))}"
            f"{' (' + escape(label('likely', lang)) + ')' if one.likely else ''}</li>"
            for one in leg.explanations
        )
        found += f"<p>{escape(label('explained', lang))}</p><ol>{each}</ol>"
    return found


def _how(route: Route, facts: Facts) -> str:
    lang = facts.lang
    none = label("none", lang)
    rows = {
        "purpose": route.purpose or none,
        "searched": route.searched or none,
        "route": str(route.id),
        "version": str(route.version),
        "by": route.made_by,
        "made": _when(route.made_at, facts),
        "printed": f"{_when(facts.printed_at, facts)}, {facts.printed_by}",
        "network": route.network or label("no_network", lang),
        "software": f"Dongseon {route.software}",
        "zone": facts.zone.key,
    }
    told = "".join(
        f"<dt>{escape(label(name, lang))}</dt><dd>{escape(value)}</dd>"
        for name, value in rows.items()
    )
    return f"<dl>{told}</dl><p>{escape(label('log', lang))}</p>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """`heads` are texts, the cells of `rows` are HTML."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _when(moment: datetime, facts: Facts) -> str:
    local = moment.astimezone(facts.zone)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 100_000}"
