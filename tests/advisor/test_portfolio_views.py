"""A board's answers of a stored portfolio: the same as those of its file, kept, and rows with their answers."""

import io
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import polars as pl
import pytest

from advisor import (
    knowledge,
    portfolio_again,
    portfolio_done,
    portfolio_files,
    portfolio_rows,
    portfolio_views,
    portfolios,
    recommend,
)
from advisor.errors import Conflict, InvalidInput, Missing, NotYet
from advisor.house import House
from advisor.portfolio_desk import Desk
from advisor.portfolio_specs import Wanted
from portfolio import parts
from tests import killing
from tests.advisor.test_portfolio_worker import worked
from tests.conftest import NOW

ROWS = 200
ROLE = "training"


def taken_in(house: House, content: str, wanted: Wanted | None = None, name: str = "projects.csv") -> str:
    with portfolios.uploading(house, name, None) as upload:
        upload.add(content.encode())
        return portfolios.create(house, upload, {"block_rows": 64, **(wanted or {})})["id"]


@pytest.fixture
def done(house: House) -> str:
    """A portfolio of four parts, with some bad rows, scored without the scores of all members."""
    found = taken_in(house, killing.projects(ROWS, seed=9))
    worked(house)
    return found


@pytest.mark.parametrize("more", [[], ["scores"]])
def test_the_answers_are_those_of_the_file(house: House, tmp_path: Path, more: list[str]) -> None:
    content = killing.projects(ROWS, seed=9)
    (tmp_path / "same.csv").write_text(content, encoding="utf-8")
    also = ["summary", "movers", "risk", "groups", "sensitivity"]
    said, _ = portfolio_files.answers(house, [tmp_path / "same.csv"], ROLE, up_to=3, also=also)
    portfolio = taken_in(house, content, {"more": more})
    worked(house)
    assert said["failed"]
    views = {
        "consolidation": portfolio_views.consolidation(house, portfolio, ROLE, 3),
        **{name: getattr(portfolio_views, name)(house, portfolio, ROLE) for name in also},
    }
    around = {"portfolio": portfolio, "release": said["release"], "silent": said["silent"]}
    assert views == {name: {**around, **said[name]} for name in views}


def test_answers_are_kept_and_worked_out_once(house: House, done: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = portfolio_views.summary(house, done)
    monkeypatch.setattr("advisor.portfolio_board.summary", lambda *_: pytest.fail("it is kept"))
    again = portfolio_views.summary(house, done)
    assert json.dumps(first) == json.dumps(again)
    with pytest.raises(pytest.fail.Exception):
        portfolio_views.summary(house, done, "runtime")


def test_rows_that_answer_nothing_are_counted(house: House, tmp_path: Path) -> None:
    content = "id,stage,packages\n" + "1,research,\n2,,numpy; pandas\n3,,\n4,reserch,\n5,,torch\n" * 20
    (tmp_path / "same.csv").write_text(content, encoding="utf-8")
    portfolio = taken_in(house, content)
    worked(house)
    assert portfolio_views.summary(house, portfolio)["silent"] == 40
    said, _ = portfolio_files.answers(house, [tmp_path / "same.csv"], ROLE, hardware_from="local")
    assert said["silent"] == 40  # what the machine says is nothing that they say
    assert portfolios.get(house, portfolio)["scored"] == 80


def test_parts_of_before_they_were_counted_leave_it_unknown(house: House, done: str) -> None:
    run = portfolio_done.done(house, done)
    told = run.folder / "out-00001.json"
    told.write_text(json.dumps({n: v for n, v in json.loads(told.read_bytes()).items() if n != "silent"}))
    assert portfolio_views.risk(house, done)["silent"] is None


def test_another_release_makes_another_answer_of_the_same_projects(house: House, done: str) -> None:
    before = portfolio_views.summary(house, done)
    made = portfolio_again.rescore(house, done)["id"]
    portfolios.remove(house, done)  # the rows were lent: the other one keeps them
    worked(house)
    after = portfolio_views.summary(house, made)
    assert {**before, "portfolio": made} == after


def ended(house: House, tmp_path: Path, small_pack_folder: Path) -> None:
    """The pack published anew, in which TensorFlow is archived."""
    folder = tmp_path / "later"
    shutil.copytree(small_pack_folder, folder)
    file = folder / "frameworks" / "tensorflow.yaml"
    file.write_text(file.read_text().replace("state: active", "state: archived"), encoding="utf-8")
    knowledge.publish(house, folder)


def every(house: House, portfolio: str, **filters: Any) -> Iterator[dict[str, Any]]:
    """All rows, page by page."""
    cursor = None
    while True:
        page = portfolio_views.rows(house, portfolio, {**filters}, cursor, 7)  # type: ignore[typeddict-item]
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return


def firsts(house: House, portfolio: str) -> dict[int, str | None]:
    """By row what comes first in training, of those that call for it."""
    ranked = {each["row"]: each["roles"][ROLE]["ranking"] for each in every(house, portfolio) if ROLE in each["roles"]}
    return {row: ranking[0]["framework"] if ranking else None for row, ranking in ranked.items()}


def test_drift_tells_what_changed_and_why(house: House, done: str, tmp_path: Path, small_pack_folder: Path) -> None:
    ended(house, tmp_path, small_pack_folder)
    later = portfolio_again.rescore(house, done, name="Again")
    assert (later["name"], later["release"] == portfolios.get(house, done)["release"]) == ("Again", False)
    worked(house)
    found = portfolio_views.drift(house, done, later["id"])
    was, now = firsts(house, done), firsts(house, later["id"])
    changed = sum(was[row] != now[row] for row in was)
    assert (found["projects"], found["changed"], found["unread"]) == (len(was), changed, 0)
    assert {(e["before"], e["cause"], e["id"]) for e in found["changes"]} == {("tensorflow", "gate", "archived")}
    assert sum(e["projects"] for e in found["changes"]) == changed > 0
    assert {(e["framework"], e["now"], e["gate"]) for e in found["exclusions"]} == {
        ("tensorflow", "excluded", "archived")
    }
    stacks = [{each["row"]: each["stack"] for each in every(house, which)} for which in (done, later["id"])]
    assert found["stacks"]["changed"] == sum(stacks[0][row] != stacks[1][row] for row in stacks[0]) > 0
    same = portfolio_views.drift(house, done, done)
    assert (same["projects"], same["changed"], same["parts"], same["stacks"]["changed"]) == (len(was), 0, [], 0)


def test_a_portfolio_that_is_scored_again_and_again_names_the_last_time() -> None:
    once = portfolio_again.again_called("n" * 199, NOW)
    assert (len(once), once[:160]) == (200, "n" * 160)
    assert portfolio_again.again_called("Ours (old)", NOW) == f"Ours (old) (scored again {NOW:%Y-%m-%d %H:%M} UTC)"
    later = portfolio_again.again_called(once, NOW + timedelta(minutes=1))
    assert (later.count("scored again"), later == once) == (1, False)


def test_drift_names_the_portfolio_that_was_asked_for_though_another_one_has_its_passport(
    house: House, done: str
) -> None:
    twin, later = (portfolio_again.rescore(house, done)["id"] for _ in range(2))
    worked(house)
    for before in (done, twin):
        assert portfolio_views.drift(house, before, later)["portfolios"] == {"before": before, "after": later}


def test_rows_that_one_release_cannot_read_are_left_out(
    house: House, done: str, tmp_path: Path, small_pack_folder: Path
) -> None:
    folder = tmp_path / "later"
    shutil.copytree(small_pack_folder, folder)
    file = folder / "questions.yaml"
    told = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in told if "{id: education, label" not in line), encoding="utf-8")
    knowledge.publish(house, folder)
    later = portfolio_again.rescore(house, done)["id"]
    worked(house)
    found = portfolio_views.drift(house, done, later)
    lost = {e["row"] for e in every(house, done)} - {e["row"] for e in every(house, later)}
    assert lost == {e["row"] for e in every(house, done) if e["stage"] == "education"}
    assert (found["unread"], found["projects"]) == (len(lost), len(firsts(house, later)))
    back = portfolio_views.drift(house, later, done)
    assert (back["unread"], back["projects"]) == (len(lost), found["projects"])


def test_drift_is_of_the_same_projects(house: House, done: str) -> None:
    other = taken_in(house, killing.projects(ROWS, seed=10))
    worked(house)
    with pytest.raises(InvalidInput, match="of the same projects"):
        portfolio_views.drift(house, other, done)


# --- Rows ------------------------------------------------------------------------------------------------------------


def test_every_row_is_told_once_and_as_it_is_in_the_results(house: House, done: str) -> None:
    told = list(every(house, done))
    run = portfolios.folder_of(house, done) / "run"
    results = pl.concat([pl.read_parquet(part) for part in sorted(run.glob("out-*.parquet"))]).to_dicts()
    assert [each["row"] for each in told] == [each["row"] for each in results]
    for each, row in zip(told, results, strict=True):
        assert (each["name"], each["stack"]) == (row["name"], row["stack"])
        role = each["roles"].get(ROLE)
        assert (role is None) == (row["training_1"] is None and row["training_excluded"] is None)
        if role:
            assert [p["score"] for p in role["ranking"]] == [
                row[f"training_{place}_score"] for place in (1, 2, 3) if row[f"training_{place}"]
            ]
            gates = [f"{e['framework']} ({e['gate']})" for e in role["excluded"]]
            assert gates == (row["training_excluded"] or [])


FILTERS: list[tuple[dict[str, Any], Any]] = [
    ({"first": "pytorch"}, lambda each: first_of(each) == "pytorch"),
    ({"first": "none"}, lambda each: ROLE in each["roles"] and first_of(each) is None),
    ({"stage": "research"}, lambda each: each["stage"] == "research"),
    ({"target": "android"}, lambda each: "android" in (each["deploy_targets"] or ())),
    ({"present": "caffe"}, lambda each: "caffe" in (each["existing_code"] or ())),
    ({"confidence_from": 0.6}, lambda each: (sure(each) or 0) >= 0.6),
    ({"confidence_below": 0.6}, lambda each: (sure(each) or 1) < 0.6),
    ({"stage": "production", "present": "pytorch", "confidence_from": 0.5, "confidence_below": 0.99}, None),
    ({"role": "runtime", "first": "litert"}, lambda each: first_of(each, "runtime") == "litert"),
]


def first_of(each: dict[str, Any], role: str = ROLE) -> str | None:
    ranking = each["roles"].get(role, {}).get("ranking")
    return ranking[0]["framework"] if ranking else None


def sure(each: dict[str, Any]) -> float | None:
    found: float | None = each["roles"].get(ROLE, {}).get("confidence")
    return found


@pytest.mark.parametrize(("filters", "wanted"), FILTERS)
def test_rows_are_narrowed(house: House, done: str, filters: dict[str, Any], wanted: Any) -> None:
    whole = list(every(house, done))
    if wanted is None:  # several at once are all of them
        kept = [{e["row"] for e in every(house, done, **{name: each})} for name, each in filters.items()]
        expected = sorted(set.intersection(*kept))
    else:
        expected = [each["row"] for each in whole if wanted(each)]
    assert [each["row"] for each in every(house, done, **filters)] == expected
    assert 0 < len(expected) < len(whole) or filters == {"first": "none"}


def test_a_page_goes_through_so_many_rows_only(house: House, done: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio_rows, "LOOKED_THROUGH", 64)
    page = portfolio_views.rows(house, done, {"stage": "education"}, None, 50)
    assert page["next"] == 64
    assert all(each["row"] <= 64 for each in page["items"])
    assert [each["row"] for each in every(house, done, stage="education")] == [
        each["row"] for each in every(house, done) if each["stage"] == "education"
    ]
    assert portfolio_views.rows(house, done, {}, 10_000)["items"] == []


def test_what_is_asked_of_rows_is_checked(house: House, done: str) -> None:
    wrong: Any = {"first": "pytorhc", "stage": "x", "target": "android", "confidence_from": 2.0}
    with pytest.raises(InvalidInput) as raised:
        portfolio_views.rows(house, done, wrong, -1, 0)
    assert [fault.path for fault in raised.value.faults] == ["first", "stage", "confidence_from", "cursor", "limit"]
    assert raised.value.faults[0].nearest == "pytorch"
    with pytest.raises(InvalidInput, match="role"):
        portfolio_views.rows(house, done, {"role": "trainig"})


def test_a_row_decided_on_its_own_says_the_same(house: House) -> None:
    portfolio = taken_in(house, killing.projects(64, seed=9), {"hardware_from": "local"})
    worked(house)
    for each in every(house, portfolio):
        told = portfolio_views.row(house, portfolio, each["row"])
        assert {name: value for name, value in told.items() if name in each} == each
        asked = portfolio_views.asked_of(house, portfolio)
        document = json.loads(recommend.answer(house, told["answers"], **asked).text)
        for role, said in told["roles"].items():
            ranking = document["roles"][role]["ranking"]
            assert [(p["framework"], p["score"]) for p in ranking[:3]] == [
                (p["framework"], p["score"]) for p in said["ranking"]
            ]
    assert [e["row"] for e in every(house, portfolio)][-1] > 50


def test_rows_that_are_not_there(house: House, done: str) -> None:
    good = {each["row"] for each in every(house, done)}
    bad = next(number for number in range(1, ROWS) if number not in good)
    for number in (0, -1, ROWS + 1, bad):
        with pytest.raises(Missing):
            portfolio_views.row(house, done, number)


# --- What may be wrong with a portfolio ------------------------------------------------------------------------------


def test_what_is_not_done_tells_nothing_yet(house: House) -> None:
    portfolio = taken_in(house, killing.projects(ROWS, seed=9))
    views: list[Callable[[House, str], object]] = [
        portfolio_views.summary,
        portfolio_again.rescore,
        lambda house, portfolio: portfolio_views.rows(house, portfolio, {}),
        lambda house, portfolio: portfolio_views.drift(house, portfolio, portfolio),
    ]
    for view in views:
        with pytest.raises(Conflict, match="queued"):
            view(house, portfolio)
    with pytest.raises(Missing):
        portfolio_views.summary(house, "pf-" + "0" * 32)


def test_a_file_of_the_service_that_has_gone_or_changed(house: House) -> None:
    assert house.portfolios
    assert house.portfolios.files
    house.portfolios.files.mkdir()
    file = house.portfolios.files / "projects.parquet"
    frame = pl.DataFrame({"id": ["a", "b"], "stage": ["production", "research"]})
    frame.write_parquet(file)
    portfolio = portfolios.create_from(house, {"file": "projects.parquet"}, {})["id"]
    worked(house)
    assert portfolio_views.summary(house, portfolio)["projects"] == 2
    again = portfolio_again.rescore(house, portfolio)["id"]
    frame.head(1).write_parquet(file)
    worked(house)
    assert portfolios.get(house, again)["state"] == "failed"
    assert "has changed" in str(portfolios.get(house, again)["said"])
    parts._made_ready.cache_clear()
    with pytest.raises(Conflict, match="changed"):
        portfolio_views.movers(house, portfolio)
    file.unlink()
    with pytest.raises(Conflict, match="not there"):
        portfolio_views.risk(house, portfolio)


def test_rows_of_a_parquet_file_that_was_sent_stay(house: House) -> None:
    held = io.BytesIO()
    pl.DataFrame({"id": ["a", "b"], "stage": ["production", "research"]}).write_parquet(held)
    with portfolios.uploading(house, "projects.parquet", None) as upload:
        upload.add(held.getvalue())
        portfolio = portfolios.create(house, upload, {})["id"]
    worked(house)
    again = portfolio_again.rescore(house, portfolio)["id"]
    portfolios.remove(house, portfolio)
    worked(house)
    assert [each["id"] for each in every(house, again)] == ["a", "b"]


# --- The desk --------------------------------------------------------------------------------------------------------


def test_the_desk_works_one_by_one_and_once_for_all_who_ask() -> None:
    desk, go, made = Desk(patience_s=0.05, most_waiting=2), Event(), []

    def slow(name: str) -> dict[str, Any]:
        assert go.wait(30)
        made.append(name)
        return {"name": name}

    for name in ("a", "b", "a"):
        with pytest.raises(NotYet):
            desk.answer(name, lambda name=name: slow(name))  # type: ignore[misc]
    with pytest.raises(NotYet):
        desk.answer("c", lambda: pytest.fail("there is no room for it"))
    go.set()
    patient = Desk(patience_s=30)
    assert patient.answer("b", lambda: slow("b")) == {"name": "b"}
    while desk._waiting:
        go.wait(0.01)
    assert sorted(made) == ["a", "b", "b"]
    with pytest.raises(ZeroDivisionError):
        patient.answer("d", lambda: {"x": 1 // 0})
    assert patient.answer("d", lambda: {"x": 1}) == {"x": 1}


def test_what_is_ready_in_the_moment_that_patience_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(Future[dict[str, Any]]):
        def result(self, timeout: float | None = None) -> dict[str, Any]:
            found = super().result()
            if timeout is not None:
                raise TimeoutError
            return found

    monkeypatch.setattr("advisor.portfolio_desk.Future", Late)
    assert Desk().answer("a", lambda: {"x": 1}) == {"x": 1}
