"""A bar on standard error while a person watches, nothing otherwise."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
