"""Questions as numbered lines, answers as lines: for pipes, screen readers and terminals without cursor keys."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from textwrap import wrap

from advisor.errors import Fault, InvalidInput
from advisor.typed import typed
from cli.output import clean
from cli.putting import ANSWER, DONT_KNOW, OTHER, SHOW, STOP, Asked, Said, amount, effects, faulty
from rules.requirements import MANY, Question, can_be_none

HELP = (
    "Numbers or ids, several with commas between; none for “none of these”; an empty line for “don't know”. Also: why, "
    "other (lists the other questions), other ID, show (the recommendation), stop."
)
LISTED = 40  # more options than these are named by their ids


class Lines:
    """Reads standard input line by line; its end is `stop`."""

    def __init__(self) -> None:
        self._helped = False

    def tell(self, text: str) -> None:
        """Print lines: whole into a pipe, broken between words on a terminal."""
        for each in text.splitlines() or [""]:
            for part in _broken(clean(each)):
                print(part)  # noqa: T201

    def put(self, asked: Asked, faults: Sequence[Fault]) -> Said:
        """Print a question with its options numbered, and read a line."""
        for fault in faults:
            self.tell(faulty(fault))
        if not faults:
            self._ask(asked)
        while True:
            said = self._read(asked)
            if said is not None:
                return said

    def settled(self, because: str, remaining: Sequence[Question]) -> Said:
        """Print why, and read whether the person goes on."""
        self.tell("")
        self.tell(because)
        self.tell("Empty line or show: the recommendation. go: answer more. other ID: a certain question. stop.")
        line = self._line()
        if line in (None, "stop"):
            return Said(STOP)
        if line.startswith("other "):
            return Said(OTHER, line.removeprefix("other ").strip())
        return Said(ANSWER) if line == "go" and remaining else Said(SHOW)

    def _ask(self, asked: Asked) -> None:
        question, given = asked.question, asked.given
        self.tell("")
        self.tell(f"{question.text}  [{question.id}]")
        for text in filter(None, (question.help, asked.state["why"] if asked.state else None)):
            self.tell(text)
        if len(asked.options) > LISTED:
            self.tell(f"  one or more of {len(asked.options)} ids, such as {asked.options[0].id}")
        for number, option in enumerate(asked.options[:LISTED] if len(asked.options) <= LISTED else (), 1):
            self.tell(f"  {number:2}  {option.label}  [{option.id}]")
        if question.kind == "yes/no":
            self.tell("  yes or no")
        if question.unit:
            self.tell(f"  {amount(question.unit)}")
        if given is not None:
            self.tell(f"  so far: {(', '.join(given) or 'none of these') if isinstance(given, list) else given}")
        if not self._helped:
            self.tell(HELP)
            self._helped = True

    def _read(self, asked: Asked) -> Said | None:
        line = self._line()
        if line is None or line == "stop":
            return Said(STOP)
        if not line:
            return Said(DONT_KNOW)
        if line == "show":
            return Said(SHOW)
        if line in ("why", "?", "help"):
            for each in effects(asked) if line == "why" else [HELP]:
                self.tell(each)
            return None
        if line == "other":
            self.tell(
                "\n".join(f"  {each.text}  [{each.id}]" for each in asked.others) or "There is no other question."
            )
            return None
        if line.startswith("other "):
            return Said(OTHER, line.removeprefix("other ").strip())
        try:
            return Said(ANSWER, _answer(line, asked))
        except InvalidInput as invalid:
            for fault in invalid.faults:
                self.tell(faulty(fault))
            return None

    def _line(self) -> str | None:
        sys.stdout.write("> ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        return line.strip() if line else None


def _broken(text: str) -> Iterator[str]:
    """The lines that a line takes on this terminal, each as far in as the first; words stay whole."""
    if not (text and sys.stdout.isatty()):
        yield text
        return
    indent = " " * (len(text) - len(text.lstrip()))
    columns = max(shutil.get_terminal_size().columns, 20)
    yield from wrap(
        text.lstrip(),
        columns,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _answer(line: str, asked: Asked) -> object:
    """The answer that a line gives, options by their numbers or ids."""
    ids = [option.id for option in asked.options]
    if line == "none" and line not in ids and can_be_none(asked.question):
        return []
    if not ids:
        return typed(line, asked.question, ",")
    parts = [part.strip() for part in line.split(",") if part.strip()]
    named = [ids[int(p) - 1] if p.isascii() and p.isdigit() and 0 < int(p) <= len(ids) else p for p in parts]
    return named if asked.question.kind in MANY else ",".join(named)
