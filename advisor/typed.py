"""An answer that a person typed as one text, as the value that the question takes."""

import re

from rules.faults import Fault, InvalidInput, shown
from rules.requirements import MANY, Question

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


def typed(text: str, question: Question, between: str = ";") -> object:
    """An answer written as one text: a number, yes or no, or several options with `between` them.

    `[]` is a list of none: none of these.

    Raises:
        InvalidInput: the question asks for a number, and this is none.
    """
    if question.kind == "number":
        return _number(text, question)
    if question.kind == "yes/no":
        return _YES_NO.get(text.casefold(), text)
    if question.kind in MANY:
        return [part.strip() for part in text.split(between) if part.strip()] if text != "[]" else []
    return text


def _number(text: str, question: Question) -> float:
    if not _NUMBER.fullmatch(text):
        unit = f" ({question.unit})" if question.unit else ""
        raise InvalidInput([Fault(question.id, shown(text), f"a number written like 1234.5{unit}")])
    return float(text)
