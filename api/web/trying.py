"""Pages that ask more of a recommendation: other answers, another recommendation beside it, one framework in full.

What a page says of a recommendation is looked up in the record; other answers are decided again and never stored until
somebody asks for it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, QueryParams

from advisor import knowledge, questioning, recommend, words
from advisor.errors import Fault, InvalidInput
from advisor.names import Wording
from api.dependencies import NO_QUERY, HouseDep
from api.problems import NotFound
from api.routes.recommendations import as_not_found, possible, recorded
from api.web import drawings, form
from api.web.asking import as_posted
from api.web.changed import difference
from api.web.rendering import page
from api.web.view import places
from rules.faults import nearest, shown

router = APIRouter(include_in_schema=False, prefix="/recommendations/{recommendation}")

Document = dict[str, Any]
ON_FORM, ADDED = "on", "add"  # fields: a question whose field is on the form; one to put there


@router.get("/what-if")
def what_if(request: Request, house: HouseDep, recommendation: str) -> Response:
    """Any answer changed, and the ranking beside it; the address holds the changes, so that it can be shared."""
    before = json.loads(recorded(house, recommendation))
    fields = FormData([(key, text) for key, text in request.query_params.multi_items()])
    return _what_if(request, house, before, fields, [])


@router.post("/what-if", dependencies=[NO_QUERY])
def keep(
    request: Request, house: HouseDep, recommendation: str, fields: Annotated[FormData, Depends(as_posted)]
) -> Response:
    """Record the recommendation for the changed answers, for the same machine, under the same policies."""
    before = json.loads(recorded(house, recommendation))
    try:
        given = recommend.again(house, recommendation, _changed(house, before, fields))
    except InvalidInput as invalid:
        return _what_if(request, house, before, fields, invalid.faults)
    return RedirectResponse(f"/recommendations/{given.id}", 303)


def _what_if(
    request: Request, house: HouseDep, before: Document, fields: FormData, faults: Sequence[Fault]
) -> Response:
    known = questioning.known_to(house, before["id"])
    questions = {q["id"]: q for q in knowledge.questionnaire(house, known.release.id)["questions"]}
    added = [q for q in fields.getlist(ADDED) if isinstance(q, str) and q]
    if strange := [q for q in added if q not in questions]:
        raise NotFound([Fault(ADDED, shown(q), "the id of a question", nearest(q, questions)) for q in strange])
    names = Wording(known)
    try:
        changed = _changed(house, before, fields)
        found = questioning.what_if(house, before["id"], changed) if changed else None
    except InvalidInput as invalid:
        changed, found, faults = {}, None, [*faults, *invalid.faults]
    given = {**before["answers"], **form.read(fields, _on_form(fields, questions)).answers}
    on_form = [questions[q] for q in dict.fromkeys([*before["answers"], *added]) if q in questions]
    decision = found["decision"] if found else before
    values = {
        "d": before,
        "questions": on_form,
        "others": [q for q in questions.values() if q not in on_form],
        "given": {q: each if isinstance(each, list) else words.number(each) for q, each in given.items()},
        "changed": changed,
        "difference": difference(found["difference"], before, decision, names) if found else None,
        "state": standing(decision, names),
        "before": places(before) if found else {},
        "tried": found is not None,
        "places": 6,
        "titles": words.TITLES,
        "faults": form.by_field(faults),
        "alternatives": known.document["alternatives"],
        "ranks": form.RANKS,
        "names": names,
    }
    return page(request, "what-if.html", values, 422 if faults else 200)


def _on_form(fields: FormData | QueryParams, questions: Mapping[str, Document]) -> list[Document]:
    return [questions[q] for q in fields.getlist(ON_FORM) if isinstance(q, str) and q in questions]


def _changed(house: HouseDep, before: Document, fields: FormData) -> dict[str, object]:
    """The answers of a form that are not those of the record; an emptied field takes its answer back."""
    release = before["release"]["id"]
    questions = {q["id"]: q for q in knowledge.questionnaire(house, release)["questions"]}
    asked = _on_form(fields, questions)
    given = form.read(fields, asked).answers
    then = {q["id"]: given.get(q["id"]) for q in asked}
    return {q: value for q, value in then.items() if _plain(value) != _plain(before["answers"].get(q))}


def _plain(value: object) -> object:
    """An answer as it compares: yes is not 1."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def standing(decision: Document, names: Wording) -> Document:
    """A decision as the panel beside the questions shows one."""
    roles = {
        role: {
            "ranking": [{**place, "name": names.framework(place["framework"])} for place in found["ranking"]],
            "excluded": len({each["framework"] for each in found["excluded"]}),
            "instead": found["without"]["text"] if words.spares(found) else None,
        }
        for role, found in decision["roles"].items()
    }
    return {"roles": roles}


@router.get("/diff")
def other(request: Request, house: HouseDep, recommendation: str, other: str = "") -> Response:
    """What changed from this recommendation to another, and which of the inputs that came from."""
    before, found, after = json.loads(recorded(house, recommendation)), None, None
    names = Wording(questioning.known_to(house, recommendation))
    if wanted := other.strip().rpartition("/")[2]:
        after = json.loads(recorded(house, wanted))
        names = Wording(questioning.known_to(house, wanted))
        found = difference(questioning.difference(house, recommendation, wanted), before, after, names)
    values = {"d": before, "after": after, "difference": found, "names": names, "titles": words.TITLES}
    return page(request, "diff.html", values)


@router.get("/frameworks/{framework}", dependencies=[NO_QUERY])
def one(request: Request, house: HouseDep, recommendation: str, framework: str) -> Response:
    """What a recommendation says of one framework: where it stands, why, and against the first."""
    document, words_of = questioning.opened(house, possible(recommendation))
    names = Wording(questioning.known_to(house, recommendation))
    with as_not_found():
        found = questioning.why_not(house, recommendation, framework)
    about = [(role, drawings.cited(document, role, framework)) for role in document["roles"]]
    wanted = [f"{kind}_{role}_{framework}" for role in found["roles"] for kind in ("score", "evidence")]
    made = {name: drawings.figure(house, document, words_of, name) for name in wanted}
    values = {
        "d": document,
        "w": found,
        "evidence": knowledge.evidence(house, [e for _, pieces in about for e in pieces], document["release"]["id"]),
        "figures": {name: figure for name, figure in made.items() if figure},
        "names": names,
        "titles": words.TITLES,
    }
    return page(request, "one.html", values)
