"""The OpenAPI document: complete, and every example in it is sent and checked."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from advisor import curation, signing
from advisor.house import House
from advisor.portfolio_worker import Worker
from api import openapi
from api.problems import Problem
from api.schemas import boards
from api.schemas import curation as changing
from api.schemas.board_drift import DriftOut
from api.schemas.board_rows import OneRow, Rows
from api.schemas.decision import Decision
from api.schemas.feasibility import FeasibilityOut
from api.schemas.hardware import MachineOut, Machines
from api.schemas.interview import NextQuestion
from api.schemas.knowledge import Claims, Criteria, EvidencePage, Framework, Frameworks, Rules, Sources
from api.schemas.operations import Alive, Ready, Releases, SigningKey, Stored
from api.schemas.policies import Policies, Policy
from api.schemas.portfolios import PortfolioOut, Portfolios
from api.schemas.profiles import ProfileChanges, ProfileOut, Profiles
from api.schemas.projects import Project, Projects, Revisions
from api.schemas.questioning import Against, Difference, Explanation, Replay, WhatCould, WhatIf, WhyNot
from api.schemas.questionnaire import Questions
from api.schemas.rule_of_thumb import RuleOfThumb, Walked
from api.schemas.verdicts import Verdicts

SHAPES: dict[str, Any] = {
    "create_recommendation": Decision,
    "get_recommendation": Decision,
    "explanation": Explanation,
    "against": Against,
    "why_not": WhyNot,
    "what_could": WhatCould | WhatIf,
    "what_if": WhatIf,
    "difference": Difference,
    "record": None,  # no JSON
    "replay": Replay,
    "questions": Questions,
    "rule_of_thumb": RuleOfThumb,
    "walk_rule_of_thumb": Walked,
    "rule_of_thumb_beside": Walked,
    "next_question": NextQuestion,
    "frameworks": Frameworks,
    "framework": Framework,
    "criteria": Criteria,
    "rules": Rules,
    "sources": Sources,
    "claims": Claims,
    "evidence": EvidencePage,
    "releases": Releases,
    "propose": changing.Proposed,
    "list_proposals": changing.ProposalsOut,
    "read_proposal": changing.ProposalOut,
    "proposal_impact": changing.ReviewOut,
    "publish_release": changing.PublishedOut,
    "diff_releases": changing.Differences,
    "release_impact": changing.ReviewOut,
    "knowledge_health": changing.HealthOut,
    "store_hardware": Stored,
    "list_hardware": Profiles,
    "read_hardware": ProfileOut,
    "diff_hardware": ProfileChanges,
    "forget_hardware": None,  # no content
    "probe_file": None,  # no JSON
    "hardware_verdicts": Verdicts,
    "feasibility": FeasibilityOut,
    "catalogue": Machines,
    "catalogue_machine": MachineOut,
    "create_project": Project,
    "list_projects": Projects,
    "read_project": Project,
    "revise_project": Project,
    "project_revisions": Revisions,
    "recommend_project": Decision,
    "delete_project": None,  # no content
    "create_portfolio": PortfolioOut,
    "list_portfolios": Portfolios,
    "read_portfolio": PortfolioOut,
    "portfolio_events": None,  # no JSON
    "portfolio_results": None,  # no JSON
    "portfolio_errors": None,  # no JSON
    "cancel_portfolio": PortfolioOut,
    "retry_portfolio": PortfolioOut,
    "delete_portfolio": None,  # no content
    "portfolio_summary": boards.SummaryOut,
    "portfolio_consolidation": boards.ConsolidationOut,
    "portfolio_movers": boards.MoversOut,
    "portfolio_risk": boards.RiskOut,
    "portfolio_groups": boards.GroupsOut,
    "portfolio_sensitivity": boards.SensitivityOut,
    "portfolio_drift": DriftOut,
    "portfolio_rows": Rows,
    "portfolio_row": OneRow,
    "rescore_portfolio": PortfolioOut,
    "weigh_portfolio": None,  # no content
    "level_portfolio": None,  # no content
    "store_policy": Stored,
    "list_policies": Policies,
    "read_policy": Policy,
    "signing_key": SigningKey,
    "healthz": Alive,
    "readyz": Ready,
}


@pytest.fixture
def house(house: House, tmp_path: Path) -> House:
    """A house that signs, so that every operation has an answer."""
    return replace(house, signing=signing.generate(tmp_path / "key.pem"))


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, op) for path, ops in document["paths"].items() for method, op in ops.items()]


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    assert {op["operationId"] for _, _, op in operations(document)} == set(SHAPES)
    for path, _, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path


def test_every_route_for_programs_is_in_the_document(app: FastAPI, document: dict[str, Any]) -> None:
    routes = {route.path for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema}
    assert routes <= set(document["paths"])


def test_every_error_is_a_documented_problem(document: dict[str, Any]) -> None:
    for _, method, operation in operations(document):
        errors = {int(status) for status in operation["responses"] if int(status) >= 400}
        assert {422, 500, 503} <= errors or operation["operationId"] == "healthz"
        if "requestBody" in operation:
            assert {400, 413, 415} <= errors, method
        for status in errors:
            content = operation["responses"][str(status)]["content"]
            assert list(content) == ["application/problem+json"]
            example = content["application/problem+json"]["example"]
            assert Problem.model_validate(example, strict=True).status == status
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            found.extend([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
            for each in part.values():
                walk(each)
        elif isinstance(part, list):
            for each in part:
                walk(each)

    walk(document)
    assert found
    for reference in found:
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]


@pytest.mark.parametrize("operation", [operation for operation, shape in SHAPES.items() if shape])
def test_the_example_of_an_answer_is_one(operation: str) -> None:
    example = openapi.examples(operation)["response"]
    assert TypeAdapter(SHAPES[operation]).validate_json(json.dumps(example), strict=True)


def test_every_field_of_what_is_asked_afterwards_is_described(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in (
        "Decision",
        "RoleResult",
        "Ranked",
        "Reliefs",
        "Comparison",
        "StatusChange",
        "PolicyUsed",
        "WhatIfIn",
        "ProjectIn",
        "RevisionIn",
        "Project",
        "Revisions",
    ):
        assert schemas[name]["description"]
        for field, described in schemas[name]["properties"].items():
            assert "description" in described or "$ref" in described or "const" in described, (name, field)


def requests_of(operation: dict[str, Any]) -> list[tuple[dict[str, Any], Any, int]]:
    """(parameters, body, status) of every example of an operation."""
    good = next(int(status) for status in operation["responses"] if status.startswith("2"))
    given = {p["name"]: p.get("examples", {}) for p in operation.get("parameters", ())}
    usual = {
        p["name"]: next(iter(given[p["name"]].values()))["value"]
        for p in operation.get("parameters", ())
        if p["required"]
    }
    bodies: list[dict[str, Any]] = []
    if "requestBody" in operation:
        bodies = list(operation["requestBody"]["content"].get("application/json", {}).get("examples", {}).values())
    body = bodies[0]["value"] if bodies else None
    found: list[tuple[dict[str, Any], Any, int]] = []
    for name, examples in given.items():
        found += [(usual | {name: e["value"]}, body, e.get("x-status", good)) for e in examples.values()]
    found += [(usual, e["value"], e.get("x-status", good)) for e in bodies]
    return found or [(usual, None, good)]


def released(house: House) -> dict[str, str]:
    """What the ids of releases in the examples are here: the release there is, and one that follows it."""
    note = next(iter(openapi.examples("propose")["body"].values()))["value"]
    earlier = json.loads(json.dumps(note).replace("2-16-0", "2-15-9").replace("2.16.0", "2.15.9"))
    before = house.knowledge().release.id
    after = curation.release(house, [curation.propose(house, earlier)[0].id]).info
    assert after is not None
    shown = openapi.examples("diff_releases")["parameters"]
    return {shown["before"]["stored"]["value"]: before, shown["after"]["stored"]["value"]: after.id}


def stand_ins(client: TestClient) -> dict[str, str]:
    """What the ids in the examples are here."""
    asked = openapi.examples("create_recommendation")["body"]
    rules, note, machine, project = (
        next(iter(openapi.examples(o)["body"].values()))["value"]
        for o in ("store_policy", "propose", "store_hardware", "create_project")
    )
    made = {
        ("get_recommendation", "recommendation"): ("/v1/recommendations", asked["phone-app"]["value"]),
        ("difference", "other"): ("/v1/recommendations", asked["by-hand"]["value"]),
        ("read_policy", "policy"): ("/v1/policies", rules),
        ("read_proposal", "proposal"): ("/v1/proposals", note),
        ("read_hardware", "profile"): ("/v1/hardware", machine),
        ("hardware_verdicts", "hardware"): ("/v1/hardware", machine),
        ("read_project", "project"): ("/v1/projects", project),
    }
    return {
        openapi.examples(operation)["parameters"][name]["stored"]["value"]: client.post(url, json=body).json()["id"]
        for (operation, name), (url, body) in made.items()
    }


def kept(client: TestClient, house: House) -> dict[str, str]:
    """What the ids of portfolios in the examples are here: one of each state that the operations ask for."""
    found: dict[str, str] = {}
    for operation in ("portfolio_results", "read_portfolio", "cancel_portfolio", "retry_portfolio", "delete_portfolio"):
        example = openapi.examples(operation)["parameters"]["portfolio"]["stored"]["value"]
        made = client.post("/v1/portfolios", json={"source": {"projects": "all"}}).json()["id"]
        if operation == "portfolio_results":
            later = openapi.examples("portfolio_drift")["parameters"]["after"]["later"]["value"]
            work(house)
            found[later] = client.post(f"/v1/portfolios/{made}/rescore").json()["id"]
            work(house)
        elif operation == "retry_portfolio":
            client.post(f"/v1/portfolios/{made}/cancel")
        found[example] = made
    return found


def work(house: House) -> None:
    worker = Worker(house)
    while worker.step():
        pass


def test_every_example_of_a_request_gives_the_declared_status(
    client: TestClient, house: House, document: dict[str, Any]
) -> None:
    here = released(house) | stand_ins(client) | kept(client, house)
    sent = 0
    # These take away, or take up, what the other examples are about, and so come last.
    last = ("delete_project", "publish_release", "forget_hardware")
    for path, method, operation in sorted(operations(document), key=lambda o: o[2]["operationId"] in last):
        places = {p["name"]: p["in"] for p in operation.get("parameters", ())}
        for parameters, body, status in requests_of(operation):
            stand_in = {name: here.get(str(value), value) for name, value in parameters.items()}
            query: dict[str, str] = {}
            for name, value in stand_in.items():
                if places[name] == "query":
                    query |= value if isinstance(value, dict) else {name: value}
            said: dict[str, Any] = {"json": body}
            if (table := operation.get("requestBody", {}).get("content", {}).get("text/csv", {})).get("example"):
                said = {"content": table["example"], "headers": {"content-type": "text/csv"}}
            answer = client.request(method, path.format(**stand_in), params=query, **said)
            assert answer.status_code == status, (path, stand_in, body, answer.text)
            if status < 300 and SHAPES[operation["operationId"]]:
                shape = TypeAdapter(SHAPES[operation["operationId"]])
                shape.validate_json(answer.content, strict=True)
            sent += 1
    assert sent > 60


def test_every_parameter_but_a_cursor_has_an_example(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert parameter.get("examples") or parameter["name"] == "cursor", (path, parameter["name"])
