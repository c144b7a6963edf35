"""Requests made up from the OpenAPI document: no server error, and every answer is one that is documented."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from advisor import knowledge
from advisor.house import House
from advisor.settings import Settings
from api.app import create_app
from api.schemas.decision import Decision

CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    "POST /v1/recommendations",
    "GET /v1/recommendations/{recommendation}",
    "GET /v1/recommendations/{recommendation}/explanation",
    "GET /v1/recommendations/{recommendation}/against/{a}/{b}",
    "GET /v1/recommendations/{recommendation}/why-not/{framework}",
    "GET /v1/recommendations/{recommendation}/what-if",
    "POST /v1/recommendations/{recommendation}/what-if",
    "GET /v1/recommendations/{recommendation}/diff/{other}",
    "GET /v1/recommendations/{recommendation}/record",
    "POST /v1/recommendations/{recommendation}/replay",
    "GET /v1/recommendations/{recommendation}/rule-of-thumb",
    "GET /v1/rule-of-thumb",
    "POST /v1/rule-of-thumb",
    "GET /v1/questions",
    "POST /v1/questions/next",
    "GET /v1/frameworks",
    "GET /v1/frameworks/{framework}",
    "GET /v1/criteria",
    "GET /v1/rules",
    "GET /v1/sources",
    "GET /v1/claims",
    "GET /v1/evidence",
    "GET /v1/releases",
    "POST /v1/releases",
    "POST /v1/proposals",
    "GET /v1/proposals",
    "GET /v1/proposals/{proposal}",
    "GET /v1/proposals/{proposal}/impact",
    "GET /v1/releases/{before}/diff/{after}",
    "GET /v1/releases/{release}/impact",
    "GET /v1/health",
    "POST /v1/projects",
    "GET /v1/projects",
    "GET /v1/projects/{project}",
    "PATCH /v1/projects/{project}",
    "DELETE /v1/projects/{project}",
    "GET /v1/projects/{project}/revisions",
    "POST /v1/projects/{project}/recommendations",
    "POST /v1/portfolios",
    "GET /v1/portfolios",
    "GET /v1/portfolios/{portfolio}",
    "GET /v1/portfolios/{portfolio}/events",
    "GET /v1/portfolios/{portfolio}/results",
    "GET /v1/portfolios/{portfolio}/errors",
    "POST /v1/portfolios/{portfolio}/cancel",
    "POST /v1/portfolios/{portfolio}/retry",
    "DELETE /v1/portfolios/{portfolio}",
    "GET /v1/portfolios/{portfolio}/summary",
    "GET /v1/portfolios/{portfolio}/consolidation",
    "GET /v1/portfolios/{portfolio}/movers",
    "GET /v1/portfolios/{portfolio}/risk",
    "GET /v1/portfolios/{portfolio}/groups",
    "GET /v1/portfolios/{portfolio}/sensitivity",
    "GET /v1/portfolios/{portfolio}/rows",
    "GET /v1/portfolios/{portfolio}/rows/{number}",
    "GET /v1/portfolios/{before}/drift/{after}",
    "PUT /v1/portfolios/{portfolio}/weights",
    "DELETE /v1/portfolios/{portfolio}/weights",
    "POST /v1/portfolios/{portfolio}/rescore",
    "POST /v1/policies",
    "GET /v1/policies",
    "GET /v1/policies/{policy}",
    "POST /v1/hardware",
    "GET /v1/hardware",
    "GET /v1/hardware/probe.py",
    "GET /v1/hardware/{profile}",
    "DELETE /v1/hardware/{profile}",
    "GET /v1/hardware/{before}/diff/{after}",
    "GET /v1/hardware/{hardware}/verdicts",
    "POST /v1/hardware/feasibility",
    "GET /v1/hardware/catalogue",
    "GET /v1/hardware/catalogue/{machine}",
    "GET /v1/signing-key",
    "GET /healthz",
    "GET /readyz",
]
WITH_INPUT = [
    label
    for label in OPERATIONS
    if "{" not in label and not label.endswith(("z", "/signing-key", "/health", "/probe.py", "GET /v1/rule-of-thumb"))
]
LIMITS = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def operations(house: House, tmp_path: Path) -> dict[str, Any]:
    """The operations of the application by method and path, to be called in process."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(house, Settings(home=tmp_path)))
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {operation.label: operation for operation in found}


def test_every_operation_is_tried(operations: dict[str, Any]) -> None:
    assert set(operations) == set(OPERATIONS)


@pytest.mark.parametrize("label", OPERATIONS)
def test_made_up_requests_are_answered_as_documented(operations: dict[str, Any], label: str) -> None:
    run(operations[label], GenerationMode.POSITIVE)


@pytest.mark.parametrize("label", [label for label in OPERATIONS if label in WITH_INPUT])
def test_made_up_requests_that_are_wrong_are_refused_as_documented(operations: dict[str, Any], label: str) -> None:
    run(operations[label], GenerationMode.NEGATIVE)


def run(operation: Any, mode: GenerationMode) -> None:
    """Send requests that fit the document, or that do not."""

    @LIMITS
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    send()


@LIMITS
@given(data=st.data())
def test_any_answers_that_the_questionnaire_takes(house: House, tmp_path: Path, data: st.DataObject) -> None:
    client = TestClient(create_app(house, Settings(home=tmp_path)), raise_server_exceptions=False)
    questions = knowledge.questionnaire(house)["questions"]
    ids = [entry["id"] for entry in knowledge.frameworks(house)]
    chosen = data.draw(st.lists(st.sampled_from(questions), unique_by=lambda q: q["id"], max_size=12))
    answers = {q["id"]: data.draw(answer_to(q, ids), label=q["id"]) for q in chosen}
    answer = client.post("/v1/recommendations", json={"answers": answers, "store": False})
    if answer.status_code == 422:
        contradictory = [fault for fault in answer.json()["faults"] if "set of answers" in fault["expected"]]
        alone = [fault for fault in answer.json()["faults"] if "alone" in fault["expected"]]
        assert len(contradictory) + len(alone) == len(answer.json()["faults"])
    else:
        assert answer.status_code == 200
        Decision.model_validate_json(answer.content, strict=True)


def answer_to(question: dict[str, Any], alternatives: list[str]) -> st.SearchStrategy[Any]:
    """Answers of the kind that a question takes."""
    options = alternatives if question["kind"] == "alternatives" else [o["id"] for o in question["options"]]
    match question["kind"]:
        case "number":
            return st.floats(question["minimum"], question["maximum"])
        case "yes/no":
            return st.booleans() | st.sampled_from(["yes", "no"])
        case "one":
            return st.sampled_from(options)
        case _:
            return st.lists(st.sampled_from(options), unique=True, max_size=5) | st.none()
