"""A process that answers parts of a run: one at a time, as they are handed to it through a pipe, until the pipe closes.

Imported first of all in such a process, so nothing heavy is imported here: how many threads Polars may take is read
when it is.
"""

import gc
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from portfolio.faults import Damaged
from rules.faults import InvalidInput

GC_THRESHOLD = 50_000  # importing makes many objects and no garbage: start-up time


def answer_parts(folder: str, pipe: "Connection[object, object]", threads: int) -> None:
    """Answer the parts whose numbers come through the pipe; what each counted, or its error, goes back.

    Args:
        folder: the run's.
        pipe: gives numbers of parts; closed by the other side when there are no more, or when that side is killed.
        threads: how many threads may compute here.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the one who started this one answers it
    gc.set_threshold(GC_THRESHOLD)
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    answer_until_closed(Path(folder), pipe)
    gc.freeze()  # what is left goes with the process, and need not be looked through once more


def answer_until_closed(folder: Path, pipe: "Connection[object, object]") -> None:
    """The same in a process, or thread, that is made ready."""
    from portfolio import parts  # brings Polars with it: after the number of threads is set

    run = None
    while True:
        try:
            part = pipe.recv()
        except (EOFError, OSError):  # the latter where what was told last is not read any more
            return
        try:
            run = run or parts.load(folder)
            if run is None:
                raise Damaged("the folder holds no prepared run")
            told: object = parts.score_part(run, int(str(part)))
        except (OSError, Damaged, InvalidInput) as error:
            told = error
        except KeyboardInterrupt:  # Polars breaks off what any thread is at; Ctrl-C is answered by who started this one
            return
        except Exception as error:  # whatever it is, the other side must hear of it
            told = Damaged(f"part {part} cannot be answered: {type(error).__name__}: {error}"[:500])
        try:
            pipe.send(told)
        except OSError:
            return
