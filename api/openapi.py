"""Completes the OpenAPI document: problems as they are sent, models the framework cannot see, and examples.

Examples lie in `examples/`, one file per operation, named by its id; tests send every one of them. An example of a
request that is refused says so in `x-status`.
"""

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.problems import KINDS, MEDIA_TYPE, Problem
from api.schemas.curation import ReleaseIn
from api.schemas.feasibility import FeasibilityIn
from api.schemas.portfolios import PortfolioIn, PortfolioOptions
from api.schemas.projects import ProjectIn, RevisionIn
from api.schemas.requests import NextQuestionIn, OptionsIn, PolicyIn, RecommendationIn, WhatIfIn

TEMPLATE = "#/components/schemas/{model}"
_KINDS = {kind.status: kind for kind in KINDS}
TAGS = [
    {"name": "recommendations", "description": "Ask for a recommendation and question it."},
    {"name": "projects", "description": "Keep what is known of a project under a link, and go on with it later."},
    {"name": "portfolios", "description": "Have a file of projects scored in the background."},
    {"name": "questionnaire", "description": "What a recommendation is made from."},
    {"name": "knowledge", "description": "What is known about the alternatives, and how it is known."},
    {"name": "curation", "description": "Change what is known, and see what a change does before it is made."},
    {"name": "policies", "description": "An organisation's own rules, layered over what is known."},
    {"name": "hardware", "description": "Machines that recommendations may be about."},
    {"name": "operations", "description": "Is the service alive, and can it answer?"},
]


def install(app: FastAPI) -> None:
    """Make the application describe itself through `document`, once, when it is first asked."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application."""
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes, tags=TAGS)
    schemas = found["components"]["schemas"]
    unseen: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (model, "validation")
        for model in (
            RecommendationIn,
            OptionsIn,
            NextQuestionIn,
            WhatIfIn,
            ProjectIn,
            RevisionIn,
            PortfolioIn,
            PortfolioOptions,
            PolicyIn,
            ReleaseIn,
            FeasibilityIn,
            Problem,
        )
    ]
    _, models = models_json_schema(unseen, ref_template=TEMPLATE)
    schemas.update(models["$defs"])
    for leftover in ("HTTPValidationError", "ValidationError"):
        schemas.pop(leftover, None)
    for operation in operations(found):
        _add_problems(operation)
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        if "$ref" in body.get("schema", {}):
            body["schema"] = {"$ref": body["schema"]["$ref"]}
        _add_examples(operation, examples(operation["operationId"]))
    return found


def operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of an OpenAPI document."""
    for path in schema["paths"].values():
        yield from path.values()


def examples(operation: str) -> dict[str, Any]:
    """The examples of an operation: `parameters`, `body` and `response`."""
    text = resources.files("api").joinpath("examples", f"{operation}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _add_problems(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if int(status) < 400:
            continue
        kind = _KINDS[int(status)]
        example = {
            "type": f"/problems#{kind.name}",
            "title": kind.title,
            "status": kind.status,
            "detail": kind.remedy,
            "instance": "/v1/…",
            "faults": [],
        }
        schema = {"$ref": TEMPLATE.format(model="Problem")}
        response["description"] = f"{kind.title}. {kind.remedy}"
        response["content"] = {MEDIA_TYPE: {"schema": schema, "example": example}}


def _add_examples(operation: dict[str, Any], given: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in given.get("parameters", {}):
            parameter["examples"] = given["parameters"][parameter["name"]]
    if "body" in given:
        operation["requestBody"]["content"]["application/json"]["examples"] = given["body"]
    for status, response in operation["responses"].items():
        if status in ("200", "201") and "application/json" in response["content"]:
            response["content"]["application/json"]["example"] = given["response"]
