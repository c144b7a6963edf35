"""The pages about machines: those that are known, those that were handed over, this server, and what runs on each."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from advisor import machines, profiles, verdicts
from advisor.errors import Fault, InvalidInput, Missing
from advisor.names import Wording
from api.dependencies import NO_QUERY, HouseDep
from api.problems import NotFound
from api.routes.recommendations import as_not_found, possible
from api.web.rendering import page
from rules.faults import nearest, shown
from rules.hardware import GIB, answers_from

router = APIRouter(include_in_schema=False)
SHOWN = 30
ORDER = ("supported", "degraded", "fixable", "unknown", "impossible")
MEANS = {
    "supported": "runs as it is installed",
    "degraded": "runs, but second best",
    "fixable": "runs after a change",
    "unknown": "too little is known of the machine",
    "impossible": "does not run on this machine",
}
EMPTY_IS_NONE = BeforeValidator(lambda given: given or None)


class MachinesAsked(BaseModel):
    """What known machines are looked for with, as the form sends it: an empty field asks for nothing."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(max_length=200)] = ""
    of_class: Annotated[str | None, EMPTY_IS_NONE, Field(alias="class")] = None


@router.get("/hardware")
def all_machines(request: Request, house: HouseDep, asked: Annotated[MachinesAsked, Query()]) -> Response:
    """This server, the stored profiles, and the known machines that fit the words."""
    faults: list[Fault] = []
    try:
        found = machines.listing(asked.query, None, asked.of_class)
    except InvalidInput as invalid:
        faults, found = list(invalid.faults), []
    values = {
        "asked": asked,
        "base": str(request.base_url).rstrip("/"),
        "faults": faults,
        "found": found[:SHOWN],
        "more": len(found) - SHOWN,
        "classes": machines.CLASSES,
        "stored": profiles.listing(house, limit=SHOWN),
    }
    return page(request, "machines.html", values, 422 if faults else 200)


@router.get("/hardware/browser", dependencies=[NO_QUERY])
def browser(request: Request) -> Response:
    """A page that looks at the browser it is opened in; it sends nothing before a person says so."""
    return page(request, "browser.html", {})


@router.get("/hardware/{hardware}", dependencies=[NO_QUERY])
def one_machine(request: Request, house: HouseDep, hardware: str) -> Response:
    """One machine: what it has, what it answers of the questionnaire, and what runs on it."""
    name = possible(hardware, "hardware profile", len(machines.PREFIX) + machines.LONGEST_NAME)
    try:
        with as_not_found():
            profile = profiles.named(house, name)
    except Missing:
        near = nearest(name, [profiles.LOCAL, *(p.id for p in profiles.listing(house))])
        raise NotFound([Fault("hardware", shown(name), "the id of a stored profile, or local", near)]) from None
    judged = verdicts.of_machine(house, name, profile)
    by_state = {state: [v for v in judged["verdicts"] if v["state"] == state] for state in ORDER}
    values: dict[str, Any] = {
        "hardware": name,
        "m": profile,
        "known": machines.one(name.removeprefix(machines.PREFIX)) if name.startswith(machines.PREFIX) else None,
        "fills": answers_from(profile),
        "assumed": judged["assumed"],
        "not_judged": judged["not_judged"],
        "judged": {state: found for state, found in by_state.items() if found},
        "means": MEANS,
        "day": datetime.fromisoformat(profile.captured_at).date().isoformat() if profile.captured_at else None,
        "gib": GIB,
        "names": Wording(house.knowledge()),
    }
    return page(request, "machine.html", values)
