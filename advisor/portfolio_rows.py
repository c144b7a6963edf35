"""The rows of a stored portfolio that is done: looked through page by page, and one of them with its answers.

A page is found by going through the parts from where the last one ended; how many parts one request goes through is
bounded, so that a page may hold less than there is room for, and still have a next one.
"""

from bisect import bisect_right
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from advisor.house import House
from advisor.inputs import Asked
from advisor.names import gate_said
from advisor.portfolio_done import done, intact, kept_of, require_role
from rules.compiled import ROLES, Release
from rules.conditions.columns import Bools, Column, SetColumn, TextColumn
from rules.faults import Fault, InvalidInput, nearest, shown
from storage.errors import Missing

if TYPE_CHECKING:
    from portfolio.blocks import Block
    from portfolio.parts import Run
    from portfolio.scored_projects import Part

NOBODY = "none"
MOST_LIMIT = 500
LOOKED_THROUGH = 1_000_000  # rows, for one page
QUESTIONS = {"stage": "stage", "target": "deploy_targets", "present": "existing_code"}

Document = dict[str, Any]


class Filters(TypedDict, total=False):
    """Which rows are wanted; what is left out or None does not narrow.

    role: whose first place and confidence are meant; the training framework if left out.
    first: what comes first in it, by id; `none` for the rows where nothing does.
    stage, target, present: an answer to `stage`, one of those to `deploy_targets`, to `existing_code`.
    confidence_from, confidence_below: the probability in [0, 1] that the first is better than the second.
    """

    role: str
    first: str | None
    stage: str | None
    target: str | None
    present: str | None
    confidence_from: float | None
    confidence_below: float | None


def rows(house: House, portfolio: str, filters: Filters, cursor: int | None = None, limit: int = 50) -> Document:
    """A page of the rows that were scored, in their order: what they are called and what was answered.

    Args:
        house: the parts to work with.
        portfolio: its id.
        filters: which rows are wanted.
        cursor: `next` of the page before.
        limit: how many at most, from 1 to `MOST_LIMIT`.

    Raises:
        Missing: there is no such portfolio.
        Conflict: it is not done, or its projects are not there any more.
        InvalidInput: with every fault of what is asked.
    """
    role = filters.get("role", "training")
    require_role(role)
    run = done(house, portfolio)
    with intact(house, portfolio):
        _require(_release(run), role, filters, cursor, limit)
        items, following = _page(run, role, filters, cursor or 0, limit)
    return {"portfolio": portfolio, "release": run.document["release"], "role": role, "items": items, "next": following}


def row(house: House, portfolio: str, number: int) -> Document:
    """One row by its number among the data rows, from 1: what `rows` tells of it, and what it answers.

    Raises:
        Missing: there is no such portfolio, or no row of this number that could be read.
        Conflict: as `rows` does.
    """
    from portfolio import blocks, scored_projects  # brings Polars with it: start-up time

    run = done(house, portfolio)
    with intact(house, portfolio):
        place = _part_of(run, number - 1)
        part = next(scored_projects.each(run, place)) if 0 < number <= run.rows else None
        at = np.flatnonzero(part.block.row == number).tolist() if part else []
        if part is None or not at:
            raise Missing("row", str(number))
        (asked,) = blocks.requirements(_only(part.block, at[0]), _release(run).questionnaire)
        (told,) = _items(part, at)
    return {"portfolio": portfolio, "release": run.document["release"], **told, "answers": asked.document()}


def asked_of(house: House, portfolio: str) -> Asked:
    """How the projects of a portfolio are asked for, besides their answers: what decides one as all were.

    Raises:
        Missing: there is none by this id.
    """
    from portfolio import passports  # as above

    kept = kept_of(house, portfolio)
    return {
        "hardware_from": passports.profile_from(kept.get("machine")),
        "policy": kept["policies"] or None,
        "release": kept["release"],
        "as_of": kept["day"],
    }


# --- Which are wanted ------------------------------------------------------------------------------------------------


def _require(release: Release, role: str, filters: Filters, cursor: int | None, limit: int) -> None:
    allowed = {"first": (*release.roles[role].members, NOBODY)}
    allowed |= {name: release.names[asked].options for name, asked in QUESTIONS.items() if asked in release.names}
    faults = [
        Fault(name, shown(given), f"one of: {', '.join(options)}", nearest(str(given), options))
        for name, options in allowed.items()
        if (given := filters.get(name)) is not None and given not in options
    ]
    for name, given in (
        ("confidence_from", filters.get("confidence_from")),
        ("confidence_below", filters.get("confidence_below")),
    ):
        if given is not None and not 0 <= given <= 1:
            faults.append(Fault(name, shown(given), "a number from 0 to 1"))
    if cursor is not None and cursor < 0:
        faults.append(Fault("cursor", shown(cursor), "`next` of the page before"))
    if not 1 <= limit <= MOST_LIMIT:
        faults.append(Fault("limit", shown(limit), f"a whole number from 1 to {MOST_LIMIT}"))
    if faults:
        raise InvalidInput(faults)


def _page(run: "Run", role: str, filters: Filters, after: int, limit: int) -> tuple[list[Document], int | None]:
    """(at most so many rows after one, the row to go on after)."""
    from portfolio import scored_projects  # as above

    items: list[Document] = []
    looked = 0
    for part in scored_projects.each(run, _part_of(run, after)) if after < run.rows else ():
        found = np.flatnonzero((part.block.row > after) & _wanted(part, role, filters))
        room = limit - len(items)
        items += _items(part, found[:room].tolist())
        if len(found) > room:
            return items, int(items[-1]["row"])
        looked += part.block.read
        ended = run.document["starts"][part.index] + part.block.read
        if ended < run.rows and (looked >= LOOKED_THROUGH or len(items) == limit):
            return items, ended
    return items, None


def _part_of(run: "Run", place: int) -> int:
    """The part that a row is in, by its place from 0."""
    return max(0, bisect_right(run.document["starts"], place) - 1)


def _wanted(part: "Part", role: str, filters: Filters) -> Bools:
    wanted = np.ones(part.block.sheet.rows, dtype=np.bool_)
    for name, question in QUESTIONS.items():
        option = filters.get(name)
        if isinstance(option, str):
            wanted &= _says(part.sheet.columns.get(question), option, len(wanted))
    first, least, below = filters.get("first"), filters.get("confidence_from"), filters.get("confidence_below")
    if first is None and least is None and below is None:
        return wanted
    found = part.results([f"{role}_1", f"{role}_confidence", f"{role}_excluded"])
    if first == NOBODY:
        # A role that the project does not call for says nothing at all; one without a first says what is excluded.
        wanted &= (found[f"{role}_1"].is_null() & found[f"{role}_excluded"].is_not_null()).to_numpy()
    elif first is not None:
        wanted &= (found[f"{role}_1"] == first).fill_null(False).to_numpy()
    sure = found[f"{role}_confidence"].fill_null(np.nan).to_numpy()
    if least is not None:
        wanted &= sure >= least
    if below is not None:
        wanted &= sure < below
    return wanted


def _says(column: Column | None, option: str, height: int) -> Bools:
    if isinstance(column, TextColumn) and option in column.texts:
        said: Bools = column.code == column.texts.index(option)
        return said
    if isinstance(column, SetColumn) and option in column.options:
        return column.holds(option)
    return np.zeros(height, dtype=np.bool_)


# --- What is told of them --------------------------------------------------------------------------------------------


def _items(part: "Part", chosen: list[int]) -> list[Document]:
    """What is told of some rows of a part, by their place in it."""
    from portfolio import blocks

    if not chosen:
        return []
    top = part.run.document["options"]["top"]
    results = part.results()[chosen]
    release = _release(part.run)
    asked = (next(iter(blocks.requirements(_only(part.block, at), release.questionnaire))) for at in chosen)
    return [
        {
            "row": told["row"],
            "id": told["id"] or None,
            "name": told["name"] or None,
            "weight": told.get("weight"),
            **{question: _plain(each.values.get(question)) for question in QUESTIONS.values()},
            "roles": {role: _role(told, release, role, top) for role in ROLES if _calls(told, role)},
            "runtime_needed": told.get("runtime_needed"),
            "stack": told.get("stack"),
        }
        for told, each in zip(results.iter_rows(named=True), asked, strict=True)
    ]


def _calls(told: Mapping[str, Any], role: str) -> bool:
    return told[f"{role}_1"] is not None or told[f"{role}_excluded"] is not None


def _role(told: Mapping[str, Any], release: Release, role: str, top: int) -> Document:
    places = [(told[f"{role}_{place}"], told[f"{role}_{place}_score"]) for place in range(1, top + 1)]
    reasons = [told[f"{role}_reason_{place}"] for place in (1, 2, 3)]
    excluded = [each.partition(" (") for each in told[f"{role}_excluded"] or ()]
    return {
        "ranking": [{"framework": name, "score": score} for name, score in places if name is not None],
        "confidence": told[f"{role}_confidence"],
        "margin": told[f"{role}_margin"],
        "tied": told[f"{role}_tied"] or [],
        "reasons": [text for text in reasons if text is not None],
        "excluded": [
            {"framework": name, "gate": gate[:-1], "why": gate_said(release, role, gate[:-1], name)}
            for name, _, gate in excluded
        ],
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _only(block: "Block", at: int) -> "Block":
    """A block of one of its rows."""
    from dataclasses import replace

    from rules.conditions.columns import Sheet

    one = np.array([at])
    sheet = Sheet(1, {name: column.take(one) for name, column in block.sheet.columns.items()})
    versions = {0: block.versions[at]} if at in block.versions else {}
    return replace(block, row=block.row[one], id=block.id[[at]], name=block.name[[at]], sheet=sheet, versions=versions)


def _release(run: "Run") -> Release:
    from portfolio import parts

    return parts.release_of(run)
