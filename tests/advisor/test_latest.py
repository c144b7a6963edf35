"""The newest look at the machine: never waited for, renewed when it is old, one at a time."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from advisor.errors import NotReady
from advisor.latest import FRESH_S, Latest
from rules.hardware import Profile
from tests.conftest import PROFILE


class Looks:
    """Looks that are counted, and done only when the test says so."""

    def __init__(self) -> None:
        self.made = 0
        self.waiting: list[Callable[[], None]] = []
        self.now = 0.0

    def look(self) -> Profile:
        self.made += 1
        return replace(PROFILE, label=f"look {self.made}")

    def latest(self) -> Latest:
        return Latest(self.look, lambda: self.now, FRESH_S, self.waiting.append)

    def finish(self) -> None:
        while self.waiting:
            self.waiting.pop()()


def test_it_looks_when_it_is_told_to_and_a_request_takes_what_there_is() -> None:
    looks = Looks()
    latest = looks.latest()
    assert looks.waiting == []
    latest.begin()
    with pytest.raises(NotReady, match="try again"):
        latest()
    assert looks.made == 0
    looks.finish()
    assert [latest().label, latest().label] == ["look 1", "look 1"]
    assert looks.made == 1


def test_an_old_look_is_given_out_and_starts_the_next() -> None:
    looks = Looks()
    latest = looks.latest()
    latest.begin()
    looks.finish()
    looks.now = FRESH_S
    assert latest().label == "look 1"
    assert looks.waiting == []
    looks.now = FRESH_S + 1
    assert latest().label == "look 1"
    assert latest().label == "look 1"
    assert len(looks.waiting) == 1
    looks.finish()
    assert latest().label == "look 2"
    assert looks.waiting == []


def test_one_look_at_a_time() -> None:
    looks = Looks()
    latest = looks.latest()
    for _ in range(3):
        latest.begin()
        with pytest.raises(NotReady):
            latest()
    assert len(looks.waiting) == 1


def test_a_look_that_fails_keeps_the_one_before_and_can_be_tried_again() -> None:
    looks = Looks()
    fail = [False]

    def look() -> Profile:
        if fail[0]:
            raise RuntimeError("no")
        return looks.look()

    latest = Latest(look, lambda: looks.now, FRESH_S, looks.waiting.append)
    latest.begin()
    looks.finish()
    fail[0], looks.now = True, FRESH_S + 1
    assert latest().label == "look 1"
    with pytest.raises(RuntimeError):
        looks.finish()
    fail[0] = False
    assert latest().label == "look 1"
    looks.finish()
    assert latest().label == "look 2"


def test_a_look_that_hangs_keeps_nobody_waiting() -> None:
    never, started = threading.Event(), threading.Event()

    def look() -> Profile:
        started.set()
        never.wait()
        return PROFILE

    latest = Latest(look)
    latest.begin()
    assert started.wait(30)
    with pytest.raises(NotReady):
        latest()
    never.set()


def test_a_service_looks_in_the_background_and_a_command_at_once(
    monkeypatch: pytest.MonkeyPatch, small_pack_folder: object, tmp_path: object
) -> None:
    from advisor import bootstrap
    from advisor.settings import Settings

    monkeypatch.setenv("STEELYARD_PACK", str(small_pack_folder))
    looked_in: list[str] = []

    def local(**_: object) -> Profile:
        looked_in.append(threading.current_thread().name)
        return PROFILE

    monkeypatch.setattr("probes.local", local)
    house = bootstrap.build(Settings())
    assert looked_in == []
    assert house.probe() == PROFILE
    house.database.close()
    served = bootstrap.build_service(Settings())
    for thread in threading.enumerate():
        if thread.name == "look":
            thread.join(30)
    assert served.probe() == PROFILE
    assert looked_in == [threading.current_thread().name, "look"]
    served.database.close()


def test_a_look_that_cannot_be_started_is_tried_again() -> None:
    tries: list[int] = []

    def start(act: Callable[[], None]) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("can't start new thread")
        act()

    latest = Latest(lambda: PROFILE, start=start)
    with pytest.raises(RuntimeError):
        latest.begin()
    latest.begin()
    assert latest() == PROFILE
