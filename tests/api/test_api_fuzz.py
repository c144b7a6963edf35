"""Requests made up from the OpenAPI document: no server error, and every answer is one that is documented."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from advisor.house import House
from advisor.settings import Settings
from api.app import create_app

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
    "GET /v1/recommendations/{recommendation}/why-not/{framework}",
    "POST /v1/recommendations/{recommendation}/replay",
    "GET /v1/questions",
    "GET /v1/frameworks",
    "GET /v1/frameworks/{framework}",
    "GET /v1/criteria",
    "GET /v1/rules",
    "GET /v1/sources",
    "GET /v1/claims",
    "GET /v1/releases",
    "POST /v1/hardware",
    "GET /healthz",
    "GET /readyz",
]
LIMITS = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def operations(house: House, tmp_path: Path) -> dict[str, Any]:
    """The operations of the application by method and path, to be called in process."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(house, Settings(home=tmp_path)))
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


def test_every_operation_is_tried(operations: dict[str, Any]) -> None:
    assert set(operations) == set(OPERATIONS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", OPERATIONS)
def test_made_up_requests(operations: dict[str, Any], label: str, mode: GenerationMode) -> None:
    operation = operations[label]
    if mode is GenerationMode.NEGATIVE and not any(True for _ in operation.iter_parameters()) and not operation.body:
        pytest.skip("takes no input that could be wrong")

    @LIMITS
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    run()
