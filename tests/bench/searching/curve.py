"""How the time of a search grows with the vectors in scope, as a picture."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

_MILLION = 1e6


def line(points: dict[int, float]) -> tuple[float, float]:
    """Milliseconds a million vectors, and milliseconds that any search takes."""
    millions = [rows / _MILLION for rows in points]
    slope, base = np.polyfit(millions, list(points.values()), 1)
    return float(slope), float(base)


def draw(path: Path, curves: dict[str, dict[int, float]], until: int) -> None:
    """`curves` (name to rows to milliseconds) and their lines up to `until` rows, as SVG."""
    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.add_subplot()
    ends = np.array([0, until / _MILLION])
    for name, points in curves.items():
        slope, base = line(points)
        label = f"{name}: {base:.0f} ms + {slope:.1f} ms a million"
        measured = [rows / _MILLION for rows in points]
        (dots,) = axes.plot(measured, list(points.values()), "o", label=label)
        axes.plot(ends, base + slope * ends, "--", color=dots.get_color(), linewidth=1)
    axes.set(
        xlabel="million sightings in scope (dots measured, lines through them)",
        ylabel="p95 of one search on one core, ms",
        xlim=(0, until / _MILLION),
        ylim=(0, None),
    )
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", frameon=False)
    # Without a date and with fixed names, so that the same figures are the same file.
    with mpl.rc_context({"svg.hashsalt": "curve"}):
        figure.savefig(path, metadata={"Date": None})
