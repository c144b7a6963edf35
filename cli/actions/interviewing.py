"""The questionnaire in a terminal: one question at a time, each answer saved as soon as it is given.

What is asked next, and whether anything is still worth asking, is `advisor.interview`'s business; how a question is put
and an answer read is that of `cli.putting`.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from advisor import examples, interview, projects
from advisor.errors import Fault, InvalidInput
from advisor.house import House
from advisor.words import TITLES, chance, points
from cli import files
from cli.actions import opening
from cli.putting import DONT_KNOW, OTHER, SHOW, STOP, Asked, Asker, Said, faulty
from rules.faults import nearest, shown
from rules.requirements import Option, Question, Questionnaire

Document = Mapping[str, Any]

SHOWN_PLACES = 3


def ask(project: str | None, *, name: str | None, answers: str | None, hardware: str | None, plain: bool) -> int:
    """Ask until the person stops or wants the recommendation; see `cli.interviewing.ask`."""
    if project is not None and (name is not None or answers is not None):
        raise InvalidInput([Fault("PROJECT", shown(project), "no project to go on with beside --name or --from")])
    with opening.house() as house:
        found = _begun(house, project, name, answers, hardware)
        asker = _asker(plain)
        asker.tell(f"{found['name']}  [{found['id']}]")
        if _asked(house, found["id"], asker):
            _recommend(house, found["id"], asker)
        asker.tell(f"Go on at any time with: steelyard ask {found['id']}")
    return 0


def _begun(house: House, project: str | None, name: str | None, answers: str | None, hardware: str | None) -> Document:
    if project is not None:
        found = projects.get(house, project)
        return projects.revise(house, project, found["revision"], hardware=hardware) if hardware else found
    given = files.project(answers) if answers else None
    if given and (faults := examples.unkept(given)):
        raise InvalidInput(faults)
    return projects.create(
        house,
        name or (given.name if given else None) or projects.UNNAMED,
        given.answers if given else {},
        hardware=files.hardware(hardware, given.hardware if given else None),
    )


def _asker(plain: bool) -> Asker:
    if plain or not (sys.stdin.isatty() and sys.stdout.isatty()):
        from cli.putting.lines import Lines

        return Lines()
    from cli.putting.menus import Menus  # brings prompt_toolkit: start-up time

    return Menus()


def _asked(house: House, project: str, asker: Asker) -> bool:
    """Ask until it is settled or the person wants no more; whether the recommendation is wanted."""
    questionnaire = house.knowledge().release.questionnaire
    questions = questionnaire.questions
    wanted: str | None = None
    goes_on = False
    while True:
        found = projects.get(house, project)
        state, faults = interview.as_far_as_taken(house, found["answers"], found["hardware"])
        for fault in faults:
            asker.tell(f"{fault.path}: {faulty(fault)}")
            wanted = wanted or next((q for q in questions if f"{fault.path}[".startswith(f"answers.{q}[")), None)
        asker.tell(_standing(state))
        if state["settled"] and not goes_on and wanted is None:
            said = asker.settled(state["settled_because"], [questions[r["question"]] for r in state["remaining"]])
        else:
            name = wanted or _most(state)
            if name is None:
                return True
            said = _put(house, found, _about(name, found, state, questionnaire), asker)
        if said.kind in (SHOW, STOP):
            return said.kind == SHOW
        wanted = _known(said.answer, questions, asker) if said.kind == OTHER else None
        goes_on = goes_on or (state["settled"] and said.kind != OTHER)


def _most(state: Document) -> str | None:
    """The question that would settle the most, also where nothing needs settling any more; None: all are answered."""
    if state["question"] is not None:
        return str(state["question"]["id"])
    return str(state["remaining"][0]["question"]) if state["remaining"] else None


def _about(name: str, found: Document, state: Document, questionnaire: Questionnaire) -> Asked:
    question = questionnaire.questions[name]
    named = [Option(a, label, None) for a, label in questionnaire.alternatives.items()]
    is_next = state["question"] is not None and state["question"]["id"] == name
    options = named if question.kind == "alternatives" else question.options
    reachable = [*(r["question"] for r in state["remaining"]), *found["answers"]]
    others = [questionnaire.questions[q] for q in reachable if q != name and q in questionnaire.questions]
    why = state if is_next else None
    return Asked(question, options, found["answers"].get(name), why, questionnaire.alternatives, others)


def _known(name: object, questions: Mapping[str, Question], asker: Asker) -> str | None:
    if name in questions:
        return str(name)
    near = nearest(str(name), questions)
    asker.tell(f"There is no question {shown(name)}{f'; did you mean {near}?' if near else ''}.")
    return None


def _put(house: House, found: Document, about: Asked, asker: Asker) -> Said:
    """Put a question until there is an answer that can be kept, or something else is wanted."""
    name, questions = about.question.id, house.knowledge().release.questionnaire.questions
    standing = {question: given for question, given in found["answers"].items() if question in questions}
    faults: tuple[Fault, ...] = ()
    while True:
        said = asker.put(about, faults)
        if said.kind in (SHOW, STOP, OTHER):
            return said
        answers = {**standing, name: None if said.kind == DONT_KNOW else said.answer}
        asked = [*(q for q in found["asked"] if q != name and q in questions), name]
        try:
            projects.revise(house, found["id"], found["revision"], answers=answers, asked=asked)
            return said
        except InvalidInput as invalid:
            faults = tuple(invalid.faults)


def _standing(state: Document) -> str:
    """Who is ahead in each role, in a line each, and how sure that is."""
    told = []
    for role, result in state["roles"].items():
        places = [f"{p['name']} {points(p['score'])}" for p in result["ranking"][:SHOWN_PLACES]]
        first = f" (first with {chance(result['ranking'][0]['win_probability'])})" if places else ""
        title = f"{result['instead']}\nRuntimes, if one is wanted" if result["instead"] else TITLES[role]
        told.append(f"{title}: {', '.join([places[0] + first, *places[1:]]) if places else 'nothing is left'}")
    if not state["settled"] and state["certainties"]:
        told.append(f"It holds as a whole in {chance(state['certainty'])} of the likely ways to answer the rest.")
    return "\n".join(told)


def _recommend(house: House, project: str, asker: Asker) -> None:
    from cli.render import decision, screen

    found = projects.get(house, project)
    answer = projects.recommend(house, project)
    with screen.page() as to:
        decision.show(to, house, json.loads(answer.text), decision.Heading(found["name"], None, is_stored=True))
    asker.tell(f"A record to commit: steelyard record {answer.id} > decision.md")
