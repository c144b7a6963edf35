"""The questionnaire as a conversation: one question at a time, the one that would settle the most, with the ranking as
it stands beside it.

A project keeps what was answered, so that its address leads back to it. Every page works without scripts; with them
only the part that changed is exchanged.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from advisor import documents, examples, interview, knowledge, projects, recommend, words
from advisor.errors import Conflict, Fault, InvalidInput
from advisor.names import Wording
from advisor.projects import Project
from api.dependencies import EACH_KEY_ONCE, NO_QUERY, HouseDep
from api.problems import NotFound
from api.routes.recommendations import possible, recorded
from api.web import form, rendering
from api.web.asking import as_posted
from api.web.view import places
from rules.faults import nearest, shown

router = APIRouter(include_in_schema=False)
LONGEST_ID = 60
SHOWN_PLACES = 5

Document = Mapping[str, Any]
Posted = Annotated[FormData, Depends(as_posted)]


@router.get("/", dependencies=[NO_QUERY])
def start(request: Request, house: HouseDep) -> Response:
    """Where to begin: a new project, an example, a file, or all questions at once."""
    return _start(request, house, [])


def _start(request: Request, house: HouseDep, faults: list[Fault]) -> Response:
    asked = knowledge.questionnaire(house)
    values = {"examples": examples.listing(), "faults": faults, "count": len(asked["questions"])}
    return rendering.page(request, "start.html", values, 422 if faults else 200)


@router.post("/projects", dependencies=[NO_QUERY])
def begin(request: Request, house: HouseDep, fields: Posted) -> Response:
    """Begin a project: empty, or with the answers of an example, of a file, or of a recommendation."""
    try:
        given = _given(house, fields)
        made = projects.create(house, given["name"], given["answers"], hardware=given["hardware"])
    except InvalidInput as invalid:
        return _start(request, house, list(invalid.faults))
    return _onward(house, made)


def _given(house: HouseDep, fields: FormData) -> dict[str, Any]:
    """What a project begins with."""
    name = _text(fields, "name") or projects.UNNAMED
    file = fields.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return examples.in_file(file.file.read(documents.MAX_BYTES + 1), file.filename)
    if example := _text(fields, "example"):
        return examples.one(example)
    if before := _text(fields, "from"):
        found = documents.json_value(recorded(house, before), "recommendation")
        unknown = dict.fromkeys(found.get("not_known", ()))  # what an older engine recorded does not tell them
        name = _text(fields, "name") or found.get("name") or projects.UNNAMED
        return {"name": name, "answers": {**found["answers"], **unknown}, "hardware": recommend.machine(house, before)}
    return {"name": name, "answers": {}, "hardware": None}


@router.get("/projects", dependencies=[EACH_KEY_ONCE])
def resume(request: Request, house: HouseDep, project: str = "") -> Response:
    """To a project by its id or its address."""
    name = project.strip().partition("?")[0].rstrip("/").rpartition("/")[2]
    if not projects.is_id(name):
        expected = "the address of a project, or its id, such as p-1a2b…"
        return _start(request, house, [Fault("project", shown(project), expected)])
    return RedirectResponse(f"/projects/{name}", 303)


@router.get("/projects/{project}")
def ask(request: Request, house: HouseDep, project: str, question: str | None = None) -> Response:
    """The next question of a project, or the one that is named."""
    return _page(request, house, _found(house, project), question)


@router.post("/projects/{project}", dependencies=[NO_QUERY])
def answer(request: Request, house: HouseDep, project: str, fields: Posted) -> Response:
    """Take an answer, the name or the machine of a project, and lead to the next question."""
    found = _found(house, project)
    wanted = _text(fields, "question") or None
    try:
        changed = _changed(house, found, fields)
        _require_something(changed, fields)
        made = projects.revise(house, found["id"], _revision(fields), **changed)
    except InvalidInput as invalid:
        return _page(request, house, found, wanted, fields, invalid.faults)
    except Conflict:
        return _page(request, house, _found(house, project), wanted, fields, overtaken=True)
    return _onward(house, made)


@router.post("/projects/{project}/preview", dependencies=[NO_QUERY])
def preview(request: Request, house: HouseDep, project: str, fields: Posted) -> Response:
    """The ranking as it would be with an answer that has not been given yet; nothing is kept."""
    found = _found(house, project)
    try:
        then = {**found, **_changed(house, found, fields)}
        state = interview.next_question(house, then["answers"], then["hardware"])
    except InvalidInput:
        return Response(status_code=204)  # an answer half typed; the faults are told when it is given
    before = interview.next_question(house, found["answers"], found["hardware"])
    tried = then["answers"] != found["answers"]
    values = {"state": state, "before": places(before), "places": SHOWN_PLACES, "titles": words.TITLES, "tried": tried}
    return rendering.page(request, "standing.html", values)


@router.post("/projects/{project}/recommendation", dependencies=[NO_QUERY])
def decide(request: Request, house: HouseDep, project: str) -> Response:
    """The recommendation for a project as it stands."""
    found = _found(house, project)
    try:
        given = projects.recommend(house, found["id"])
    except InvalidInput as invalid:
        return _page(request, house, found, None, None, invalid.faults)
    return RedirectResponse(f"/recommendations/{given.id}", 303)


# --- What a project is shown with ------------------------------------------------------------------------------------


def _found(house: HouseDep, project: str) -> Project:
    return projects.get(house, possible(project, "project", LONGEST_ID))


def _onward(house: HouseDep, project: Project) -> Response:
    """To the next question, at an address of its own, so that going back leads to the one before."""
    question = _state(house, project)[0]["question"]
    return RedirectResponse(f"/projects/{project['id']}" + (f"?question={question['id']}" if question else ""), 303)


def _page(
    request: Request,
    house: HouseDep,
    project: Project,
    wanted: str | None,
    fields: FormData | None = None,
    faults: Sequence[Fault] = (),
    overtaken: bool = False,
) -> Response:
    known = house.knowledge()
    questions = {q["id"]: q for q in knowledge.questionnaire(house, known.release.id)["questions"]}
    if wanted and wanted not in questions:
        raise NotFound([Fault("question", shown(wanted), "the id of a question", nearest(wanted, questions))])
    state, told = _state(house, project)
    found = form.by_field(list(dict.fromkeys([*faults, *told])))
    if (faulty := [q for q in found if q in questions]) and wanted not in faulty:
        wanted, fields = faulty[0], None  # an answer that the release does not take comes before any other
    chosen = questions[wanted] if wanted else state["question"]
    given = project["answers"].get(chosen["id"]) if chosen else None
    if chosen and fields is not None:
        given = form.read(fields, [chosen]).answers.get(chosen["id"])
    values = {
        "project": project,
        "state": state,
        "least": min(state["certainties"].items(), key=lambda each: each[1], default=None),
        "question": chosen,
        "is_next": chosen is not None and state["question"] is not None and chosen["id"] == state["question"]["id"],
        "given": given if given is None or isinstance(given, list) else words.number(given),
        "overtaken": overtaken,
        "faults": found,
        "others": [
            questions[each["question"]] for each in state["remaining"] if each["question"] != (chosen or {}).get("id")
        ],
        "shown": SHOWN_PLACES,
        "answered": [(questions[q], project["answers"][q]) for q in _in_order(project) if q in questions],
        "alternatives": known.document["alternatives"],
        "names": Wording(known),
        "ranks": form.RANKS,
        "places": SHOWN_PLACES,
        "titles": words.TITLES,
        "before": {},
        "tried": False,
    }
    answer = rendering.page(request, "interview.html", values, 409 if overtaken else 422 if found else 200)
    answer.headers["Cache-Control"] = "no-store"  # the answers change; a page kept from before would be out of date
    if answer.status_code != 200:
        answer.headers["HX-Push-Url"] = "false"  # told at the address where it happened
    return answer


def _state(house: HouseDep, project: Project) -> tuple[dict[str, Any], Sequence[Fault]]:
    return interview.as_far_as_taken(house, project["answers"], project["hardware"])


def _in_order(project: Project) -> list[str]:
    """The answered questions, those asked last first, then those that came with the project."""
    asked = [q for q in reversed(project["asked"]) if q in project["answers"]]
    return [*dict.fromkeys(asked), *(q for q in project["answers"] if q not in asked)]


# --- What a form says ------------------------------------------------------------------------------------------------


def _text(fields: FormData, name: str) -> str:
    found = fields.get(name)
    return found.strip() if isinstance(found, str) else ""


def _revision(fields: FormData) -> int:
    text = _text(fields, "revision")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput([Fault("revision", shown(text), "the number of the revision that was seen")])
    return int(text)


def _changed(house: HouseDep, project: Project, fields: FormData) -> dict[str, Any]:
    """The parts of a project that a form changes."""
    if "name" in fields:
        return {"name": _text(fields, "name") or projects.UNNAMED}
    if form.HARDWARE in fields:
        return {"hardware": form.hardware(fields)}
    questions = {q["id"]: q for q in knowledge.questionnaire(house)["questions"]}
    name = _text(fields, "question")
    if name not in questions:
        raise InvalidInput([Fault("question", shown(name), "the id of a question", nearest(name, questions))])
    answers = {q: given for q, given in project["answers"].items() if q != name and q in questions}
    asked = [q for q in project["asked"] if q != name and q in questions]
    if "forget" in fields:
        return {"answers": answers, "asked": asked}
    given = [] if "none" in fields else form.read(fields, [questions[name]]).answers.get(name)
    if given is not None or "dont_know" in fields:
        answers[name] = None if "dont_know" in fields else given
    return {"answers": answers, "asked": [*asked, name]}


def _require_something(changed: Document, fields: FormData) -> None:
    """Nothing chosen is no answer: that somebody does not know is said, not assumed."""
    name = _text(fields, "question")
    if "answers" in changed and name not in changed["answers"] and "forget" not in fields:
        raise InvalidInput([Fault(f"answers.{name}", "nothing", "an answer, or “Don’t know”")])
