"""How far a long piece of work is, on standard error: a bar while a person watches, a line now and then otherwise."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LINE_EVERY_S = 10.0
Tell = Callable[[str, int, int | None], None]


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Something to tell (done, of how many); None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress  # slow to import, and only for people

    from cli.render import screen

    with Progress(console=screen.console(to_errors=True), transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


@contextmanager
def rows() -> Iterator[Tell]:
    """Something to tell what goes on, how many rows are done and of how many, where that is known."""
    if not sys.stderr.isatty():
        yield _Lines().tell
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,  # all of these are slow to import, and only for people
    )
    from rich.text import Text

    from cli.render import screen

    class Rate(ProgressColumn):
        """Rows a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f} rows/s" if speed else "")

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate())
    with Progress(*columns, TimeRemainingColumn(), console=screen.console(to_errors=True), transient=True) as shown:
        tasks: dict[str, object] = {}

        def tell(stage: str, done: int, of: int | None) -> None:
            if stage not in tasks:
                for each in shown.tasks:
                    shown.update(each.id, visible=False)
                tasks[stage] = shown.add_task(stage, total=of)
            shown.update(tasks[stage], completed=done, total=of)  # type: ignore[arg-type]

        yield tell


class _Lines:
    """A line for a log, not more often than every ten seconds."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def tell(self, stage: str, done: int, of: int | None) -> None:
        """Say how far it is, unless that was said just now."""
        now = time.monotonic()
        if now - self._told < LINE_EVERY_S:
            return
        self._told = now
        how_far = f"{done:,} of {of:,} rows" if of else f"{done:,} rows"
        print(f"steelyard: {stage.lower()}, {how_far}", file=sys.stderr, flush=True)  # noqa: T201  not output
