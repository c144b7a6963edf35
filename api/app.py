"""The application: routes, pages and error handling put together. Nothing happens when this module is imported."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware

from advisor.house import House
from advisor.settings import Settings
from api import openapi, problems
from api.headers import Guard
from api.reading import Kept
from api.routes import (
    boards,
    claims,
    curation,
    frameworks,
    hardware,
    knowledge,
    operations,
    policies,
    portfolios,
    profiles,
    projects,
    questioning,
    questions,
    recommendations,
    records,
    releases,
    rule_of_thumb,
    signing,
    verdicts,
)
from api.watching import Audience
from api.web import pages

TITLE = "Steelyard"
VERSION = "1"
DESCRIPTION = (
    "Weighs machine-learning frameworks against a project and answers with a ranked, explained, replayable "
    "recommendation. Every error is `application/problem+json`."
)


def create_app(house: House, settings: Settings) -> FastAPI:
    """The application on a house that exists already."""
    app = assemble(settings)
    app.state.house = house
    return app


def assemble(settings: Settings, lifespan: Any = None) -> FastAPI:
    """The application without a house; `lifespan` must put one in `app.state.house`."""
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation,
    )
    app.state.kept = Kept()
    app.state.audience = Audience()
    app.state.max_body_bytes = settings.max_body_bytes
    v1 = APIRouter(prefix="/v1")
    for module in (
        recommendations,
        questioning,
        projects,
        portfolios,
        boards,
        records,
        policies,
        questions,
        rule_of_thumb,
        frameworks,
        knowledge,
        claims,
        releases,
        curation,
        hardware,
        profiles,
        verdicts,
        signing,
    ):
        v1.include_router(module.router)
    app.include_router(v1)
    app.include_router(operations.router)
    pages.install(app)
    problems.install(app)
    openapi.install(app)
    app.add_middleware(GZipMiddleware, compresslevel=6)
    most = settings.max_upload_bytes + settings.max_body_bytes  # a form has more than the file
    larger = dict.fromkeys(("/v1/portfolios", "/portfolios", "/v1/portfolios/{portfolio}/weights"), most)
    coming = settings.max_incoming_bytes
    app.add_middleware(Guard, max_body_bytes=settings.max_body_bytes, larger=larger, max_coming_bytes=coming)
    return app


def _operation(route: APIRoute) -> str:
    return route.name
