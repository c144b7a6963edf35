"""Questions as menus that are walked with the arrow keys."""

from collections.abc import Sequence
from typing import Any

import questionary
from questionary import Choice, Separator

from advisor.errors import Fault, InvalidInput
from advisor.typed import typed
from cli.putting import ANSWER, DONT_KNOW, OTHER, SHOW, STOP, Asked, Said, amount, effects, faulty
from cli.render import screen
from rules.requirements import Question, can_be_none

WHY = "why"


class Menus:
    """Asks on the terminal; Ctrl-C is `stop`."""

    def __init__(self) -> None:
        self._to = screen.console()

    def tell(self, text: str) -> None:
        """Print lines."""
        for each in text.splitlines():
            self._to.print(screen.line(each))

    def put(self, asked: Asked, faults: Sequence[Fault]) -> Said:
        """Show a question and read an answer; what else a person may want is in the menu, or behind an empty answer."""
        self._to.print()
        for fault in faults:
            self._to.print(screen.line((faulty(fault), "red")))
        if not faults:
            for text in filter(None, (asked.question.help, asked.state["why"] if asked.state else None)):
                screen.paragraph(self._to, screen.line((text, "dim")))
        while True:
            said = self._said(asked)
            if said.kind != WHY:
                return said
            for each in effects(asked):
                self.tell(f"  {each}")

    def settled(self, because: str, remaining: Sequence[Question]) -> Said:
        """Show why, and what can be done now."""
        self._to.print()
        screen.paragraph(self._to, screen.line((because, "green")))
        more = [Choice("Answer more questions", Said(ANSWER)), _other(remaining)] if remaining else []
        choices = [Choice("See the recommendation", Said(SHOW)), *more, Choice("Stop here", Said(STOP))]
        return self._chosen(questionary.select("What now?", choices), remaining)

    def _said(self, asked: Asked) -> Said:
        kind = asked.question.kind
        if kind in ("one", "yes/no"):
            return self._one(asked)
        if kind == "number":
            return self._number(asked)
        return self._ranked(asked) if kind == "ranked" else self._many(asked)

    def _one(self, asked: Asked) -> Said:
        if asked.question.kind == "yes/no":
            options = [Choice("Yes", Said(ANSWER, True)), Choice("No", Said(ANSWER, False))]
        else:
            options = [Choice(o.label, Said(ANSWER, o.id), description=o.help) for o in asked.options]
        standing = next((o for o in options if o.value == Said(ANSWER, asked.given)), None)
        return self._chosen(
            questionary.select(asked.question.text, [*options, Separator(), *_instead()], default=standing),
            asked.others,
        )

    def _many(self, asked: Asked) -> Said:
        held = asked.given if isinstance(asked.given, list) else []
        options = [Choice(o.label, o.id, checked=o.id in held, description=o.help) for o in asked.options]
        is_none = can_be_none(asked.question)
        told = "(space; enter alone: don't know)"  # short: what goes beyond the line is broken within words
        found = questionary.checkbox(asked.question.text, options, instruction=told, erase_when_done=True).ask()
        if found is None:
            return Said(STOP)
        # questionary ends with "done", also where nothing is chosen: what stays on the screen is ours
        chosen = ", ".join(o.label for o in asked.options if o.id in found)
        self._to.print(screen.line("? ", (asked.question.text, "bold"), " ", (chosen or "nothing chosen", "cyan")))
        return Said(ANSWER, found) if found else self._instead(asked.others, is_none=is_none)

    def _number(self, asked: Asked) -> Said:
        standing = f"{asked.given:g}" if isinstance(asked.given, int | float) else ""
        wanted = amount(asked.question.unit) if asked.question.unit else "a number"
        told = f"({wanted}; empty: don't know, and more)"
        said = self._answered(questionary.text(asked.question.text, standing, instruction=told), asked.others)
        if said.kind != ANSWER:
            return said
        try:
            return Said(ANSWER, typed(str(said.answer).strip(), asked.question))
        except InvalidInput as invalid:
            for fault in invalid.faults:
                self._to.print(screen.line((faulty(fault), "red")))
            return self._number(asked)

    def _ranked(self, asked: Asked) -> Said:
        chosen: list[str] = []
        while True:
            left = [Choice(o.label, o.id) for o in asked.options if o.id not in chosen]
            end = Choice("That is all", "") if chosen else Choice("Don't know, and more", "")
            text = f"And then? ({len(chosen)} so far)" if chosen else asked.question.text
            found = questionary.select(text, [end, Separator(), *left]).ask()
            if found is None:
                return Said(STOP)
            if not found:
                return Said(ANSWER, chosen) if chosen else self._instead(asked.others)
            chosen.append(found)

    def _answered(self, asked: Any, others: Sequence[Question]) -> Said:
        """An answer; what a person may want instead, where there is none."""
        found = asked.ask()
        if found is None:
            return Said(STOP)
        return Said(ANSWER, found) if found else self._instead(others)

    def _instead(self, others: Sequence[Question], *, is_none: bool = False) -> Said:
        unknown, *rest = _instead()
        none = [Choice("None of these", Said(ANSWER, []))] if is_none else []
        return self._chosen(questionary.select("Instead?", [unknown, *none, *rest]), others)

    def _chosen(self, asked: Any, remaining: Sequence[Question] = ()) -> Said:
        said: Said | None = asked.ask()
        if said is None:
            return Said(STOP)
        if said.kind != OTHER:
            return said
        if not remaining:
            name = questionary.text("Its id, as `steelyard recommend` takes it:").ask()
            return Said(OTHER, name.strip()) if name else Said(STOP)
        found = questionary.select("Which one?", [Choice(q.text, q.id) for q in remaining]).ask()
        return Said(OTHER, found) if found else Said(STOP)


def _other(remaining: Sequence[Question]) -> Choice:
    return Choice(f"One of the {len(remaining)} open questions", Said(OTHER))


def _instead() -> list[Choice]:
    return [
        Choice("Don't know", Said(DONT_KNOW)),
        Choice("What could each answer do?", Said(WHY)),
        Choice("Another question", Said(OTHER)),
        Choice("See the recommendation", Said(SHOW)),
        Choice("Stop here", Said(STOP)),
    ]
