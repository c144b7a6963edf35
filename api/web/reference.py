"""The page about the interface for programs: every route, from the same document that programs read."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from api.dependencies import NO_QUERY
from api.openapi import TAGS
from api.web.rendering import page

router = APIRouter(include_in_schema=False)

Document = Mapping[str, Any]


@router.get("/api", dependencies=[NO_QUERY])
def reference(request: Request) -> Response:
    """Every route by what it is for."""
    app: FastAPI = request.app
    return page(request, "reference.html", {"groups": grouped(app), "about": app.description})


def grouped(app: FastAPI) -> list[dict[str, Any]]:
    """The operations of an application under its tags, in the order in which the document has them."""
    found = list(operations(app.openapi()))
    return [{**tag, "operations": [each for each in found if each["tag"] == tag["name"]]} for tag in TAGS]


def operations(document: Document) -> Iterator[dict[str, Any]]:
    """What the page says of each operation."""
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            parameters = [_parameter(given) for given in each.get("parameters", ())]
            yield {
                "id": each["operationId"],
                "tag": each["tags"][0],
                "method": method.upper(),
                "path": path,
                "summary": each["summary"],
                "says": each.get("description", "").split("\n\n"),
                "parameters": parameters,
                "body": _body(each),
                "statuses": list(each["responses"]),
                "opens": method == "get" and not any(given["required"] for given in parameters),
            }


def _parameter(given: Document) -> dict[str, Any]:
    example = next(iter(given.get("examples", {}).values()), None)
    return {
        "name": given["name"],
        "required": given["required"],
        "says": given.get("description"),
        "example": example["value"] if example else None,
    }


def _body(operation: Document) -> dict[str, Any] | None:
    """The first example of what is sent, as text; None where nothing is."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    example = next(iter(content["examples"].values()))
    return {"says": example["summary"], "text": json.dumps(example["value"], ensure_ascii=False, indent=2)}
