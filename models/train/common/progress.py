"""A line now and then that says how a run goes."""

from collections.abc import Callable, Mapping

Tell = Callable[[str], None]

_EVERY_SECONDS = 20.0


class Progress:
    """Means of the losses since the last line, told every 20 seconds of training."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._sums: dict[str, float] = {}
        self._count = 0
        self._told = 0.0

    def add(self, losses: Mapping[str, float]) -> None:
        """Count the losses of one step."""
        self._count += 1
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value

    def line(self, step: int, elapsed: float, total: float, rate: float) -> None:
        """Tell how far the run is, if it is time; `elapsed` and `total` in seconds."""
        if elapsed - self._told < _EVERY_SECONDS or not self._count:
            return
        means = " ".join(f"{name} {value / self._count:.4f}" for name, value in self._sums.items())
        self._tell(f"{elapsed / 60:5.1f} of {total / 60:.0f} min, step {step}, {rate:.2e}: {means}")
        self._sums, self._count, self._told = {}, 0, elapsed

    def figures(self, step: int, figures: Mapping[str, float]) -> None:
        """Tell what was found on the held-out data."""
        if figures:
            shown = " ".join(f"{name} {value:.4f}" for name, value in figures.items())
            self._tell(f"held out, step {step}: {shown}")
