"""Asking one of NVIDIA's sources in a child, within the time left; it knows nothing of what the source says."""

from __future__ import annotations

from typing import Callable, Sequence

from probes.look import child, nvidia_libraries
from probes.look.nvidia_answers import Answer
from probes.look.watch import Watch


def ask(
    watch: Watch,
    source: str,
    command: Sequence[str] | None,
    limit_s: float,
    read: Callable[[str], Answer],
    tool: str,
    and_failed: bool = False,
) -> Answer:
    """What `read` makes of what a command says; every way in which it can fail is an answer, never an exception.

    Args:
        watch: the probe that asks.
        source: who answers.
        command: what to run; None where there is no interpreter.
        limit_s: the most seconds.
        read: makes an answer of the output.
        tool: what is named where nothing was heard.
        and_failed: read also what a command says that ends in failure.
    """
    if command is None:
        return Answer(source, "unknown", "no_interpreter: there is no interpreter to ask with")
    if limit_s <= 0:
        return Answer(source, "unknown", "no_time: the time for all probes was up")
    outcome = watch.machine.run(command, limit_s, nvidia_libraries.environment(watch.machine))
    if outcome.trouble is not None and not (and_failed and outcome.trouble == "failed"):
        return Answer(source, "unknown", child.reason(outcome.trouble, tool))
    return read(outcome.output)
