"""The service as a process of its own: what was acknowledged survives a kill, and two processes agree."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest

from tests.serving import serving

URL = "/v1/recommendations"


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    """A client that takes nothing from the environment."""
    with httpx2.Client(trust_env=False, timeout=60) as client:
        yield client


def test_what_was_acknowledged_survives_a_kill(
    http: httpx2.Client, tmp_path: Path, small_pack_folder: Path, windows: dict[str, Any]
) -> None:
    home = tmp_path / "home"
    with serving(home, small_pack_folder) as service:
        posted = http.post(service.url + URL, json={"answers": windows})
        service.kill()
    assert posted.status_code == 201
    with serving(home, small_pack_folder) as service:
        address = service.url + posted.headers["location"]
        assert http.get(address).content == posted.content
        replayed = http.post(f"{address}/replay").json()
    assert replayed["same"]
    assert replayed["differences"] == []


def test_a_kill_in_the_middle_of_requests_loses_nothing_acknowledged(tmp_path: Path, small_pack_folder: Path) -> None:
    home = tmp_path / "home"
    acknowledged: dict[str, bytes] = {}
    many = Event()

    def post(address: str, writer: int) -> None:
        """Post until the service is gone."""
        with httpx2.Client(trust_env=False, timeout=60) as client:
            for number in range(100_000):
                try:
                    answer = client.post(address, json={"answers": {"data_rows": number, "team_size": writer}})
                except httpx2.TransportError:
                    return
                assert answer.status_code == 201
                acknowledged[answer.headers["location"]] = answer.content
                if len(acknowledged) > 30:
                    many.set()

    with serving(home, small_pack_folder) as service, ThreadPoolExecutor(4) as writers:
        posting = [writers.submit(post, service.url + URL, writer) for writer in range(1, 5)]
        assert many.wait(60)
        service.kill()
        for each in posting:
            each.result()
    with serving(home, small_pack_folder) as service, httpx2.Client(trust_env=False, timeout=60) as client:
        for address, content in acknowledged.items():
            assert client.get(service.url + address).content == content


def test_two_processes_give_the_same_bytes_but_for_the_moment(
    http: httpx2.Client, tmp_path: Path, small_pack_folder: Path, windows: dict[str, Any]
) -> None:
    bodies = [{"answers": windows}, {"answers": {}}, {"answers": {"considering": ["caffe", "jax@0.12"]}}]
    given: list[list[bytes]] = []
    for name in ("one", "two"):
        with serving(tmp_path / name, small_pack_folder) as service:
            given.append([http.post(service.url + URL, json=body).content for body in bodies])
    for one, two in zip(*given, strict=True):
        assert undated(one) == undated(two)
        assert json.loads(one)["created_at"]


def undated(content: bytes) -> bytes:
    """The bytes without the moment of creation."""
    bare, count = re.subn(rb'"created_at":"[^"]+"', b"", content, count=1)
    assert count == 1
    return bare


def test_a_service_with_a_bad_pack_does_not_start(tmp_path: Path) -> None:
    empty = tmp_path / "pack"
    empty.mkdir()
    with pytest.raises(AssertionError, match="did not come up"), serving(tmp_path / "home", empty):
        raise RuntimeError
