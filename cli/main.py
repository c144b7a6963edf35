"""The program `steelyard`: runs one command and turns whatever happens into an exit code and at most one message.

It knows how a command ends, not what it does. Nothing heavy is imported before a command needs it, so that help and
version answer at once.
"""

import gc
import os
import sys
from collections.abc import Sequence

import typer

from cli.commands import app

DONE = 0
OUTSIDE = 3  # the database, the disk, or something unforeseen; see `problems` for 1 and 2
INTERRUPTED = 130  # Ctrl-C, as shells count it
PIPE_CLOSED = 141  # the reader of our output went away, as shells count it
GC_THRESHOLD = 50_000
THREADS = "OPENBLAS_NUM_THREADS"
OWN_SETTING = "STEELYARD_OWN_SETTING"  # `probes.look.machine.OWN`, whose import would cost start-up time


def main() -> None:
    """Run the command line of this process and exit."""
    gc.set_threshold(GC_THRESHOLD)  # importing makes many objects and no garbage: start-up time
    _use_one_thread()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a character that the terminal lacks is no reason to fail
    code = run(sys.argv[1:])
    gc.freeze()  # what is left goes with the process: to look through it all once more takes as long as importing it
    sys.exit(code)


def _use_one_thread() -> None:
    """Matrices are small: more threads would wait for each other. The mark keeps this from a probe of the machine."""
    if THREADS not in os.environ:
        os.environ[THREADS] = "1"
        os.environ[OWN_SETTING] = f"{THREADS}=1"


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    as_json = "--json" in arguments
    try:
        code = int(app(list(arguments), prog_name="steelyard", standalone_mode=False) or DONE)
        sys.stdout.flush()
        return code
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):
            return _pipe_closed()
        return leaving.code if isinstance(leaving.code, int) else OUTSIDE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _pipe_closed()
    except Exception as error:  # the outermost place: everything is said in one form and ends in an exit code
        if os.environ.get("STEELYARD_DEBUG") == "1":
            import traceback  # rarely needed: start-up time

            traceback.print_exc()
        from cli import problems  # brings the database library with it: start-up time

        return problems.report(error, as_json)


def _pipe_closed() -> int:
    """Nobody reads our output any more: send the rest nowhere, so that the interpreter does not complain on exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
