"""How the time of a search grows with the vectors in scope, as a picture."""

from pathlib import Path

import numpy as np

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 720, 420, 70, 50


def line(points: dict[int, float]) -> tuple[float, float]:
    """Milliseconds a million vectors, and milliseconds that any search takes."""
    slope, base = np.polyfit([rows / 1e6 for rows in points], list(points.values()), 1)
    return float(slope), float(base)


def draw(path: Path, curves: dict[str, dict[int, float]], until: int) -> None:
    """`curves` (name to rows to milliseconds) and their lines up to `until` rows, as SVG."""
    lines = {name: line(points) for name, points in curves.items()}
    top = 1.05 * max(slope * until / 1e6 + base for slope, base in lines.values())

    def place(rows: float, ms: float) -> str:
        across = _LEFT + (_WIDTH - _LEFT - 20) * rows / until
        up = _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - 20) * max(ms, 0) / top
        return f"{across:.1f},{up:.1f}"

    size = f'width="{_WIDTH}" height="{_HEIGHT}"'
    axes = f"{place(0, top)} {place(0, 0)} {place(until, 0)}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        f'<rect {size} fill="white"/>',
        f'<polyline fill="none" stroke="black" points="{axes}"/>',
    ]
    for step in range(6):
        rows, ms = until * step / 5, top * step / 5
        x, y = place(rows, 0).split(",")
        parts.append(f'<text x="{x}" y="{y}" dy="18" text-anchor="middle">{rows / 1e6:g} M</text>')
        x, y = place(0, ms).split(",")
        parts.append(f'<text x="{x}" y="{y}" dx="-6" dy="4" text-anchor="end">{ms:.0f} ms</text>')
    for number, (name, points) in enumerate(curves.items()):
        colour = ("#1f5fa8", "#c0392b", "#2e7d32")[number % 3]
        slope, base = lines[name]
        ends = f"{place(0, base)} {place(until, slope * until / 1e6 + base)}"
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-dasharray="5 4" points="{ends}"/>'
        )
        for rows, ms in points.items():
            x, y = place(rows, ms).split(",")
            parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')
        label = f"{name}: {base:.0f} ms + {slope:.1f} ms a million"
        parts.append(
            f'<text x="{_LEFT + 20}" y="{34 + 18 * number}" fill="{colour}">{label}</text>'
        )
    path.write_text("\n".join([*parts, "</svg>"]), encoding="utf-8")
