"""How far an evaluation is: a bar on a terminal, a line now and then elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from models.evaluation.pictures import Tell

_LINES = 10


@contextmanager
def shown(what: str, total: int) -> Iterator[Tell]:
    """Shows how much of `total` is done on standard error, as the `Tell` is told."""
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as bars:
            bar = bars.add_task(what, total=total)
            yield lambda done: bars.advance(bar, done)
    else:
        yield _lines(console, what, total)


def _lines(console: Console, what: str, total: int) -> Tell:
    every = max(1, total // _LINES)
    done = told = 0

    def tell(more: int) -> None:
        nonlocal done, told
        done += more
        if done - told >= every:
            told = done
            console.print(f"{what}: {done} of {total}", highlight=False)

    return tell
