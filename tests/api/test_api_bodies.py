"""Bodies are read strictly: one encoding, one meaning of every key, numbers that are numbers, bounded nesting."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from advisor.documents import MAX_DEPTH
from advisor.errors import InvalidInput
from api.bodies import MAX_FAULTS, json_object
from api.problems import Problem

URLS = ["/v1/recommendations", "/v1/hardware"]
JSON = {"content-type": "application/json"}
PLAIN = '{"answers": {"offline": true}}'
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def problem(client: TestClient, url: str, content: bytes | str, status: int) -> Problem:
    answer = client.post(url, content=content, headers=JSON)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return Problem.model_validate_json(answer.content, strict=True)


def faults_of(content: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        json_object(content.encode())
    return [(fault.path, fault.value) for fault in caught.value.faults]


@given(value=st.dictionaries(st.text(), VALUES, max_size=4), as_ascii=st.booleans())
def test_what_is_sound_is_read_as_it_was_meant(value: dict[str, Any], as_ascii: bool) -> None:
    assert json_object(json.dumps(value, ensure_ascii=as_ascii).encode("utf-8", "surrogatepass")) == value


# --- Encoding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_another_encoding_is_not_guessed(client: TestClient, url: str, encoding: str) -> None:
    found = problem(client, url, '{"answers": {"ü": 1}}'.encode(encoding), 400)
    assert "not UTF-8: byte" in found.detail


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_another_encoding_without_a_mark_is_not_guessed_either(client: TestClient, encoding: str) -> None:
    found = problem(client, URLS[0], PLAIN.encode(encoding), 422)
    assert [fault.path for fault in found.faults] == ["body"]


def test_surrogates_as_bytes_are_not_utf_8(client: TestClient) -> None:
    problem(client, URLS[0], b'{"answers": {"\xed\xa0\x80": 1}}', 400)


def test_a_byte_order_mark_is_passed_over_once(client: TestClient) -> None:
    mark = b"\xef\xbb\xbf"
    assert client.post(URLS[0], content=mark + PLAIN.encode(), headers=JSON).status_code == 201
    problem(client, URLS[0], mark + mark + PLAIN.encode(), 422)
    problem(client, URLS[0], mark, 422)


# --- Keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", URLS)
def test_a_key_used_twice_is_refused_wherever_bodies_are_read(client: TestClient, url: str) -> None:
    found = problem(client, url, '{"a": 1, "a": 1}', 422)
    assert [(fault.path, fault.value) for fault in found.faults] == [("a", "'a'")]
    assert "each key once" in found.faults[0].expected


def test_every_key_used_twice_is_listed_with_its_place(client: TestClient) -> None:
    content = """{"answers": {"stage": "research", "need": [{"x": 1, "x": 2}], "stage": "production"},
                  "hardware": {"devices": [{}, {"kind": 1, "kind": 1, "kind": 2}], "a": 1, "a": {"b": 1, "b": 1}},
                  "answers": {"stage": 1, "stage": 2}, "sta\\u0067e": 1, "stage": 2, "A": 1}"""
    assert [path for path, _ in faults_of(content)] == [
        "answers",
        "stage",
        "answers.stage",
        "answers.need[0].x",
        "hardware.a",
        "hardware.devices[1].kind",
        "hardware.a.b",
        "answers.stage",
    ]
    problem(client, URLS[0], content, 422)


@given(keys=st.lists(st.text(max_size=3), max_size=12))
def test_a_body_is_refused_exactly_for_the_keys_that_stand_twice(keys: list[str]) -> None:
    body = "{" + ",".join(f"{json.dumps(key)}: 1" for key in keys) + "}"
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        assert sorted(value for _, value in faults_of(body)) == sorted(repr(key) for key in twice)
    else:
        assert json_object(body.encode()) == dict.fromkeys(keys, 1)


def test_faults_are_listed_up_to_a_bound(client: TestClient) -> None:
    doubled = ",".join(f'"k{i}": 1, "k{i}": NaN' for i in range(3 * MAX_FAULTS))
    assert len(faults_of(f'{{"answers": {{{doubled}}}}}')) == MAX_FAULTS
    assert len(problem(client, URLS[0], f"{{{doubled}}}", 422).faults) == MAX_FAULTS


def test_long_keys_make_short_faults(client: TestClient) -> None:
    long = "x" * 100_000
    found = problem(client, URLS[0], f'{{"{long}": {{"{long}": [1, NaN], "{long}": 2}}}}', 422)
    assert len(found.model_dump_json()) < 2_000


# --- Numbers ---------------------------------------------------------------------------------------------------------


def test_every_number_that_is_none_is_listed_with_its_place() -> None:
    content = '{"a": NaN, "b": [1, -Infinity, {"c": Infinity}], "d": 1e999, "e": -1e999, "f": 1e308, "g": "NaN"}'
    assert faults_of(content) == [
        ("a", "NaN"),
        ("b[1]", "-Infinity"),
        ("b[2].c", "Infinity"),
        ("d", "a number that is too large"),
        ("e", "a number that is too large"),
    ]
    assert faults_of("[NaN]") == [("body", "a list of 1"), ("[0]", "NaN")]
    assert faults_of("-Infinity") == [("body", "-Infinity"), ("body", "-Infinity")]


@pytest.mark.parametrize("url", URLS)
def test_a_number_of_too_many_digits_is_refused(client: TestClient, url: str) -> None:
    assert "too many digits" in problem(client, url, f'{{"answers": {"9" * 5000}}}', 400).detail


# --- Nesting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_bounded(before: str, after: str) -> None:
    def nested(levels: int) -> bytes:
        return f'{{"a": {before * (levels - 1)}1{after * (levels - 1)}}}'.encode()

    assert json_object(nested(MAX_DEPTH))
    for levels in (MAX_DEPTH + 1, 500, 100_000):
        with pytest.raises(HTTPException) as caught:
            json_object(nested(levels))
        assert caught.value.status_code == 400
        assert f"more than {MAX_DEPTH} levels" in caught.value.detail


# --- What is no object -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("", "nothing"),
        ("[1, 2]", "a list of 2"),
        ("null", "null"),
        ("7", "7"),
        ('"text"', "'text'"),
        ("{", "text that fails at character 1"),
        ("{}{}", "text that fails at character 2"),
        ("{'a': 1}", "text that fails at character 1"),
        ('{"a": 01}', "text that fails at character 7"),
        ('{"a": "\t"}', "text that fails at character 7"),
    ],
)
def test_what_is_no_object_is_told_as_such(content: str, value: str) -> None:
    assert faults_of(content) == [("body", value)]
