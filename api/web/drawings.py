"""Pictures of recorded recommendations as files of their own: for light and dark, for wide and narrow screens.

A page names them with their sizes, so that it is there at once and nothing moves when they come. What they show is said
in words beside them.
"""

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from advisor import knowledge, pictures, questioning
from advisor.errors import Fault
from advisor.house import House
from advisor.pictures import NARROW, WIDE, Picture
from api.dependencies import EACH_KEY_ONCE, HouseDep
from api.problems import NotFound
from api.reading import remade
from api.routes.recommendations import possible
from rules.accounts.naming import Names
from rules.faults import nearest, shown

router = APIRouter(include_in_schema=False)

Document = Mapping[str, Any]
SVG = "image/svg+xml"


@router.get("/recommendations/{recommendation}/pictures/{name}.svg", dependencies=[EACH_KEY_ONCE])
def picture(
    request: Request,
    house: HouseDep,
    recommendation: str,
    name: str,
    palette: Literal["light", "dark"] = "light",
    width: Literal["640", "336"] = "640",
) -> Response:
    """One picture of a recommendation. What is recorded never changes: only another way to draw it makes it another."""
    possible(recommendation)

    def draw() -> bytes:
        document, names = questioning.opened(house, recommendation)
        made = drawn(house, document, names, name, int(width))
        if made is None:
            near = nearest(name, figures(house, document, names))
            raise NotFound([Fault("picture", shown(name), "a picture of this recommendation", near)])
        return pictures.draw(made, palette).encode()

    return remade(request, pictures.edition(), draw, SVG)


def drawn(house: House, document: Document, names: Names, name: str, width: int) -> Picture | None:
    """The picture of a name; None where there is nothing to draw, or no such picture."""
    kind, _, about = name.partition("_")
    role, _, framework = about.partition("_")
    if kind == "stack" and not about:
        return pictures.stack(document, names, width=width)
    if kind == "evidence" and framework and role in document["roles"]:
        pieces = list(knowledge.evidence(house, cited(document, role, framework), document["release"]["id"]).values())
        return pictures.evidence(pieces, names.framework(framework), width=width)
    if role not in document["roles"]:
        return None
    if kind == "score" and framework:
        return pictures.contributions(document, role, framework, names, width=width)
    simple = {"ranking": pictures.ranking, "ranks": pictures.ranks}
    return simple[kind](document, role, names, width=width) if kind in simple and not framework else None


def cited(document: Document, role: str, framework: str) -> list[str]:
    """The evidence that a recommendation names for what it says of one framework in a role."""
    result = document["roles"].get(role, {"ranking": [], "excluded": []})
    places = [place for place in result["ranking"] if place["framework"] == framework]
    said = [part for place in places for part in (*place["reasons"], *place["cautions"])]
    said += [entry for entry in result["excluded"] if entry["framework"] == framework]
    return sorted({piece for part in said for piece in part["evidence"]})


def figure(house: House, document: Document, names: Names, name: str) -> dict[str, Any] | None:
    """What a page needs to show a picture: where its files are, their sizes, and the words; None for none."""
    wide, narrow = (drawn(house, document, names, name, width) for width in (WIDE, NARROW))
    if wide is None or narrow is None:
        return None
    first, *lines = wide.text.split("\n")
    return {
        "src": f"/recommendations/{document['id']}/pictures/{name}.svg",
        "title": wide.title,
        "says": first,
        "lines": lines,
        "wide": (wide.width, wide.height),
        "narrow": (narrow.width, narrow.height),
    }


def figures(house: House, document: Document, names: Names) -> dict[str, dict[str, Any]]:
    """The pictures of a whole recommendation, by name."""
    made = {name: figure(house, document, names, name) for name in _all(document)}
    return {name: found for name, found in made.items() if found}


def _all(document: Document) -> list[str]:
    return ["stack", *(f"{kind}_{role}" for role in document["roles"] for kind in ("ranking", "ranks"))]
