"""Turns a template and values into a page. Everything is escaped unless a template says otherwise, and none does."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from advisor import words
from api.problems import KINDS, Problem
from api.web import assets, form


def environment() -> Environment:
    """The templates, with the filters that they use."""
    found = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(
        points=words.points,
        signed=words.signed,
        chance=words.chance,
        percent=words.percent,
        level=words.level,
        plain=words.plain,
        human=words.human,
        opening=opening,
        can_be_none=form.can_be_none,
    )
    found.globals["asset"] = assets.address
    return found


def opening(text: str) -> str:
    """A text as it opens a sentence or stands for itself."""
    return text[:1].upper() + text[1:]


def install(app: FastAPI) -> None:
    """Give the application its templates and the page that shows a problem."""
    app.state.templates = environment()
    app.state.problem_page = problem_page


def page(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """A rendered page."""
    templates: Environment = request.app.state.templates
    text = templates.get_template(template).render(here=request.url.path, **values)
    return HTMLResponse(text, status)


def problem_page(request: Request, problem: Problem) -> Response:
    """A problem as a page: the same words as in its document."""
    remedy = next((kind.remedy for kind in KINDS if kind.status == problem.status), "")
    return page(request, "problem.html", {"problem": problem, "remedy": remedy}, problem.status)
