"""The page of the rule of thumb: a flow chart for each role, how often it agrees with the engine, and a list of it."""

from typing import Literal

from fastapi import APIRouter, Request, Response

from advisor import flow_chart, rule_of_thumb, words
from advisor.errors import Fault
from advisor.house import House
from api.dependencies import EACH_KEY_ONCE, NO_QUERY, HouseDep
from api.problems import NotFound
from api.reading import settled
from api.web.rendering import page
from rules.faults import nearest, shown

router = APIRouter(include_in_schema=False)
ASKS = {"training": "What to train with", "runtime": "What to run it with"}


@router.get("/rule-of-thumb", dependencies=[NO_QUERY])
def charts(request: Request, house: HouseDep) -> Response:
    """The charts of the active release."""
    found = rule_of_thumb.document(house)
    drawn = {role: _chart(house, role, "light") for role in found["roles"]}
    sizes = {role: _size(svg) for role, svg in drawn.items()}
    values = {"roles": found["roles"], "sizes": sizes, "asks": ASKS, "release": found["release"]["id"]}
    return page(request, "thumb.html", values)


@router.get("/rule-of-thumb/{role}.svg", dependencies=[EACH_KEY_ONCE])
def chart(request: Request, house: HouseDep, role: str, palette: Literal["light", "dark"] = "light") -> Response:
    """One chart."""
    if role not in ASKS:
        raise NotFound([Fault("role", shown(role), "a role with a rule of thumb", nearest(role, ASKS))])
    return settled(request, _chart(house, role, palette).encode(), "image/svg+xml")


def _chart(house: House, role: str, palette: Literal["light", "dark"]) -> str:
    release = house.knowledge().release
    tree = rule_of_thumb.tree(release, role)
    if tree is None:
        expected = "a role that the engine answers often enough to learn a rule of thumb from"
        raise NotFound([Fault("role", shown(role), expected)])
    return flow_chart.draw(tree, rule_of_thumb.names_in(release), ASKS.get(role, words.TITLES[role]), palette)


def _size(svg: str) -> tuple[str, str]:
    """Width and height in pixels, as the drawing states them."""
    head = svg[: svg.index(">")]
    width, height = (head.split(f' {name}="')[1].partition('"')[0] for name in ("width", "height"))
    return width, height
