"""A recorded decision written as a record, in the form that is asked for; the same decision gives the same bytes."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal, get_args

from advisor import questioning
from advisor.house import House
from advisor.records.content import content
from advisor.records.context import title
from advisor.records.kept import sealed
from advisor.records.markdown import markdown
from rules.accounts.naming import Names
from storage import decisions

Format = Literal["md", "html", "pdf"]
FORMATS: tuple[str, ...] = get_args(Format)
OWN = "steelyard"
SET = {"pdf": ("typst",)}  # by what a form is set
DRAWN = ("vl-convert-python",)  # the pictures of an appendix, in every form but Markdown
LONGEST_NAME = 80
_PLAIN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Written:
    """A record and the name of a file for it."""

    content: bytes
    name: str


def record(house: House, decision: str, form: Format = "md", *, appendix: bool = False) -> Written:
    """The record of a recorded decision; `appendix` adds everything that was weighed.

    Raises:
        InvalidInput: it was made by another engine, and this one cannot tell of it.
        Missing: no such decision, or its release is not stored.
    """
    document, names = questioning.opened(house, decision)
    with house.database.reading() as session:
        inputs = json.loads(decisions.get(session, decision).inputs)
    content = written(document, names, inputs, form, appendix=appendix)
    return Written(content, f"{_slug(title(document, names))}.{form}")


def written(
    document: dict[str, Any], names: Names, inputs: dict[str, Any], form: Format, *, appendix: bool = False
) -> bytes:
    """The bytes of a record, from a decision document and what it was made from."""
    kept = sealed(document, inputs, tools(form, appendix=appendix), appendix=appendix)
    made = content(document, names, kept, appendix=appendix)
    if form == "md":
        return markdown(made).encode("utf-8", "replace")
    if form == "html":
        from advisor.records.html import html  # pictures bring a JavaScript engine with them: start-up time

        return html(made).encode("utf-8", "replace")
    from advisor.records.pdf import pdf  # brings a typesetter with it: start-up time

    return pdf(made, kept)


def tools(form: str, *, appendix: bool = False) -> dict[str, str]:
    """The versions of what a record of this form is written with."""
    drawn = DRAWN if appendix and form != "md" else ()
    return {name: _version(name) for name in (OWN, *drawn, *SET.get(form, ()))}


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _slug(title: str) -> str:
    """A title as the name of a file."""
    return _PLAIN.sub("-", title.lower()).strip("-")[:LONGEST_NAME].rstrip("-") or "record"
