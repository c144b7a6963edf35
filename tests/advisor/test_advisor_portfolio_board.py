"""A board's documents: what is counted is told in full, for files of projects, weights, and the price curve."""

import csv
import re
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor import pictures, portfolio_board, portfolio_files, portfolio_studies, portfolio_weights
from advisor.house import House, Knowledge
from advisor.pictures import NARROW, WIDE, Picture, draw
from portfolio.board import sensitivity
from portfolio.board.asking import Portfolio
from portfolio.board.table import Table
from rules.accounts.naming import Names, names_of
from rules.faults import InvalidInput
from rules.release import Release
from tests.advisor import test_pictures as pictured
from tests.advisor.test_pictures import LONG, rows
from tests.portfolio.boards import table
from tests.portfolio.test_portfolio_board import LIGHT, RELEASE, portfolio, projects

EXAMPLE = Path(__file__).parents[2] / "examples" / "portfolio.csv"
TABLES = [table([[0.9, 0.55, None], [0.4, 0.8, None], [None, None, 0.3], [None, None, None]], present=[0, 0, 2, -1])]


def test_a_consolidation_is_told_in_full() -> None:
    found = portfolio_board.consolidation(lambda: iter(TABLES))
    assert (found["projects"], found["unservable"], found["weight"]) == (4, 1, 3.0)
    assert found["value"] == pytest.approx((0.9 + 0.8 + 0.3) / 3, abs=1e-6)
    one, two, three = found["sets"]
    assert (one["members"], one["unserved"], one["proven"], one["bound"]) == (["b"], 1.0, True, None)
    assert one["loss"] == pytest.approx((0.35 + 0.3) / 3, abs=1e-6)
    assert one["share_lost"] == pytest.approx(0.65 / 2.0, abs=1e-6)
    assert one["equals"] == 0
    assert one["next"] == {"members": ["a"], "unserved": 1.0, "loss": pytest.approx(0.7 / 3, abs=1e-6)}
    assert [(c["id"], c["best"], c["gets"], c["loss"]) for c in one["hurt"]["worst"]] == [
        ("p0", "a", "b", 0.35),
        ("p2", "c", None, 0.3),
    ]
    assert (one["hurt"]["dependent"], one["hurt"]["moves"], one["hurt"]["left_out"], one["hurt"]["hurt"]) == (
        3,
        3,
        1,
        1,
    )
    assert (two["members"], two["unserved"]) == (["b", "c"], 0.0)
    assert (three["members"], three["share_lost"], three["hurt"]["gets"]) == (
        ["a", "b", "c"],
        0.0,
        {"a": 1, "b": 1, "c": 1},
    )


def test_nobody_can_be_served() -> None:
    found = portfolio_board.consolidation(lambda: iter([table([[None, None]])]))
    assert (found["unservable"], found["sets"], found["value"]) == (1, [], 0.0)
    assert pictures.price(found, named()) is None


def named() -> Names:
    source: dict[str, Any] = {"criteria": [], "grades": {}}
    return names_of(LIGHT, source)


def many() -> dict[str, Any]:
    scores: list[list[float | None]] = [
        [0.9, 0.8, None, 0.1],
        [0.2, 0.8, 0.7, 0.75],
        [None, 0.3, 0.6, 0.55],
        [None, None, None, 0.5],
    ]
    return portfolio_board.consolidation(lambda: iter([table(scores)]))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_price_curve_shows_what_every_set_loses(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = many()
    picture = pictures.price(found, named(), width=width)
    assert picture is not None
    dots = rows(picture, "point")
    assert [row["at"] for row in dots] == [each["share_lost"] for each in found["sets"]]
    assert [row["y"] for row in dots] == sorted(row["y"] for row in dots)
    # On a narrow picture labels stand where lines from dot to dot would go, and values beside the dots, not the labels.
    assert len(rows(picture, "rule", strokeWidth=2)) == (len(found["sets"]) - 1 if width == WIDE else 0)
    values = rows(picture, "text", align="right")
    assert [row["y"] for row in values] == [row["y"] for row in dots]
    if width == NARROW:
        labels = {row["y"] for row in rows(picture, "text", align="left")}
        assert not any(abs(value["y"] - y) < 14 for value in values for y in labels)
    ticks = [row["x"] for row in rows(picture, "rule", strokeWidth=1)]
    marks = [float(row["text"][:-1]) / 100 for row in rows(picture, "text", align="center")]
    a_point = (ticks[-1] - ticks[0]) / (marks[-1] - marks[0])
    for step, (before, after) in zip(rows(picture, "rule", strokeWidth=2), pairwise(dots), strict=width == WIDE):
        assert (step["y"], step["y2"]) == (before["y"], after["y"])
        assert step["x"] == pytest.approx(ticks[0] + a_point * before["at"])
        assert step["x2"] == pytest.approx(ticks[0] + a_point * after["at"])
    for each in found["sets"]:
        assert f"lose {100 * each['share_lost']:.1f}% of the score" in picture.text
    assert "Not proven" not in picture.text
    _inside(picture, width, monkeypatch)


def test_long_names_stay_inside_the_price_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    found = many()
    for each in found["sets"]:
        each["members"] = [LONG] * 3
    for width in (WIDE, NARROW):
        picture = pictures.price(found, named(), width=width)
        assert picture is not None
        _inside(picture, width, monkeypatch)


def _inside(picture: Picture, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of all pictures, of this one."""
    monkeypatch.setattr(pictured, "drawn", lambda *_: iter([picture]))
    pictured.test_every_text_is_large_enough_and_inside(({}, named()), width)
    assert "var(" not in draw(picture, "light")


FOUND: dict[str, Any] = {
    "role": "training",
    "projects": 1_245,
    "unranked": 40,
    "frameworks": [
        {"framework": LONG, "projects": 1_000, "clear": 600, "stays": 7},
        *({"framework": f"f{n}", "projects": 25 - n, "clear": n % 2 * (25 - n), "stays": 0} for n in range(12)),
    ],
    "by_group": {
        "stage": {"research": {LONG: 30, "f1": 9, "": 1}, "production": {"f1": 4, **{f"f{n}": 1 for n in range(2, 9)}}},
        "deploy_targets": {f"target {n}": {LONG: n + 1} for n in range(20)},
    },
}


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_bars_are_as_long_as_projects_are_many(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = pictures.firsts(FOUND, named(), width=width)
    assert picture is not None
    shown = FOUND["frameworks"][:10]
    clear, tied = rows(picture, "rect"), rows(picture, "rect", opacity=0.4)
    sure = [bar for bar in clear if bar not in tied]
    a_project = (tied[0]["x2"] - sure[0]["x"]) / 1_000
    assert [bar["x2"] - bar["x"] for bar in sure] == pytest.approx(
        [a_project * e["clear"] for e in shown if e["clear"]]
    )
    left = [e["projects"] - e["clear"] for e in shown if e["projects"] > e["clear"]]
    assert [bar["x2"] - bar["x"] for bar in tied] == pytest.approx([a_project * count for count in left])
    assert [row["text"] for row in rows(picture, "text", align="right")] == [f"{e['projects']:,}" for e in shown]
    assert "1,245 projects in all; for 40 nothing is left." in picture.text
    assert f"{LONG} comes first for 1,000, clearly for 600; 7 depend on it already." in picture.text
    assert picture.text.endswith("The last 3 frameworks are not drawn.")
    _inside(picture, width, monkeypatch)
    assert pictures.firsts({**FOUND, "frameworks": []}, named(), width=width) is None


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_group_adds_up_under_its_heads(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = pictures.firsts_by(FOUND, "stage", named(), width=width)
    assert picture is not None
    cells = rows(picture, "rect")
    heads = 6 if width == WIDE else 4
    assert len(cells) == 2 * heads
    assert [cell["projects"] for cell in cells[:2]] == [30, 9]
    assert sum(cell["projects"] for cell in cells[:heads]) == 40
    assert sum(cell["projects"] for cell in cells[heads:]) == 11
    assert cells[0]["shade"] == pytest.approx(0.06 + 0.49 * 0.75)
    assert "research, 40 projects: " in picture.text
    assert "nothing left 1" in picture.text
    _inside(picture, width, monkeypatch)
    many_groups = pictures.firsts_by(FOUND, "deploy_targets", named(), width=width)
    assert many_groups is not None
    assert [cell["projects"] for cell in rows(many_groups, "rect")] == list(range(20, 8, -1))
    assert many_groups.text.endswith("The last 8 groups are not drawn.")
    assert pictures.firsts_by(FOUND, "licence_policy", named(), width=width) is None


def test_a_set_that_is_not_proven_says_so() -> None:
    found = many()
    found["sets"][0] |= {"proven": False, "bound": {"unserved": 0.0, "loss": 0.0123}}
    picture = pictures.price(found, named())
    assert picture is not None
    assert "Not proven the best: the least that could be lost is 0.0123." in picture.text


def test_a_summary_adds_up() -> None:
    found = portfolio_board.summary(lambda: iter(TABLES), LIGHT)
    assert (found["projects"], found["unranked"]) == (4, 1)
    assert [(e["framework"], e["projects"], e["stays"], e["allowed"]) for e in found["frameworks"]] == [
        ("a", 1, 1, 2),
        ("b", 1, 0, 2),
        ("c", 1, 1, 1),
    ]
    assert [e["mean_margin"] for e in found["frameworks"]] == [0.35, 0.4, None]


def test_movers_and_risks_are_told_with_gates_and_evidence() -> None:
    projects = portfolio(LIGHT, [{"existing_code": ["a"]}, {"existing_code": ["z"]}])
    moved = portfolio_board.movers(LIGHT, "training", projects)
    assert (moved["verdicts"]["moves"], moved["verdicts"]["has to move"], moved["verdicts"]["stays"]) == (1, 1, 0)
    (forced,), (mover,) = moved["forced"], moved["listed"]
    assert (forced["id"], forced["row"], forced["gate"]) == ("p1", 2, "alive")
    text = next(gate.text for gate in LIGHT.roles["training"].gates if gate.id == "alive")
    assert forced["why"] == text.replace("{name}", "Z")
    assert mover["net"] == pytest.approx(mover["gain"] - mover["cost"], abs=2e-6)
    found = portfolio_board.risk(LIGHT, "training", projects)
    retired = next(e for e in found["exposures"] if (e["of"], e["framework"], e["risk"]) == ("present", "a", "retired"))
    assert (retired["at_risk"], retired["examples"]) == (1, [{"id": "p0", "row": 1}])
    assert retired["evidence"] == ["proof-of-alt.lifecycle"]


# --- Files -----------------------------------------------------------------------------------------------------------


def answers(house: House, *paths: Path, **rest: Any) -> dict[str, Any]:
    return portfolio_files.answers(house, list(paths), "training", **rest)[0]


def test_files_are_answered_and_bad_rows_counted(house: House, tmp_path: Path) -> None:
    file = tmp_path / "projects.csv"
    file.write_text("id,stage,team_size\none,research,3\n,production,4\nthree,nonsense,4\n")
    found = answers(house, file, also=portfolio_files.ALSO)
    assert (found["read"], found["failed"], found["consolidation"]["projects"]) == (3, 1, 2)
    assert [*found][4:] == ["silent", "counted_by", "consolidation", *portfolio_files.ALSO]
    assert found["summary"]["by_group"]["stage"]["research"]
    assert found["groups"]["groups"] == []
    assert found["sensitivity"]["projects"] == 2


def test_groups_count_only_projects_that_call_for_the_role(shipped_release: Release) -> None:
    tables = {
        "need": ["train"],
        "modality": ["tabular"],
        "approach": ["classical_ml"],
        "deploy_targets": ["server_cpu"],
    }
    images = {"need": ["train"], "modality": ["image"], "approach": ["deep_learning"], "deploy_targets": ["android"]}
    only_run = {**images, "need": ["inference_only"]}
    found = portfolio_studies.groups(
        shipped_release, "training", portfolio(shipped_release, [tables, images] * 15 + [only_run] * 40)
    )
    assert [(each["projects"], each["sampled"]) for each in found["groups"]] == [(15, 15), (15, 15)]


def test_unnamed_projects_are_called_by_their_row(house: House, tmp_path: Path) -> None:
    file = tmp_path / "projects.csv"
    file.write_text("stage\nresearch\nresearch\n")
    other = tmp_path / "second.jsonl"
    other.write_text('{"stage": "production"}\n{"id": "named", "answers": {}}\n')
    projects, counts = portfolio_files.portfolio([file, other], house.knowledge().release)
    for _ in range(2):  # as often as it is asked for
        assert [name for each in projects() for name in each.id] == ["row 1", "row 2", "row 3", "named"]
        assert (counts.read, counts.failed) == (4, 0)


def test_weights_are_those_of_the_file(house: House, tmp_path: Path) -> None:
    file, weights = tmp_path / "projects.csv", tmp_path / "weights.csv"
    file.write_text("id,stage,Teams\none,research,0\ntwo,production,2.5\n")
    weights.write_text("weight,id\n2.5,two\n0,one\n7,other\n")
    found = answers(house, file, weights=weights, columns=["Teams=-"], also=portfolio_files.ALSO)
    assert (found["consolidation"]["weight"], found["counted_by"]) == (2.5, "the file “weights.csv”")
    assert answers(house, file, weights=weights, columns=["Teams=weight"], also=portfolio_files.ALSO) == found
    own = answers(house, file, columns=["Teams=weight"], also=portfolio_files.ALSO)
    assert own == {**found, "counted_by": "the column “Teams”"}
    weights.write_text("id,weight\none,1\n")
    with pytest.raises(InvalidInput, match="an id that the file of weights has"):
        answers(house, file, weights=weights, columns=["Teams=-"])


@settings(max_examples=30, deadline=None)
@given(projects(), st.lists(st.integers(0, 3), min_size=8, max_size=8).map(lambda drawn: [*drawn[:7], 1 + drawn[7]]))
def test_a_weight_is_as_many_projects(asked: list[dict[str, object]], drawn: list[int]) -> None:
    weights = drawn[-len(asked) :]
    one = portfolio_weights.weighted(portfolio(RELEASE, asked, [2]), {f"p{i}": w for i, w in enumerate(weights)})
    many = portfolio(RELEASE, [each for each, weight in zip(asked, weights, strict=True) for _ in range(weight)], [3])
    assert _board(one) == _board(many)


def _board(of: Portfolio) -> dict[str, Any]:
    """What a board is told by weight, without what weighs nothing."""
    tables = portfolio_files.tables(RELEASE, "training", of)
    sets = portfolio_board.consolidation(tables)
    first = portfolio_board.summary(tables, RELEASE)
    moved = portfolio_board.movers(RELEASE, "training", of)
    risks = portfolio_board.risk(RELEASE, "training", of)
    drawn = sensitivity.sensitivity(RELEASE, "training", of, {}, drawn=9)
    listed = {
        **{("first", each["framework"]): each["weight"] for each in first["frameworks"]},
        **{tuple(each[of] for of in ("present", "target", "verdict")): each["weight"] for each in moved["flows"]},
        **{tuple(each[of] for of in ("of", "framework", "risk")): each["weight"] for each in risks["exposures"]},
        **moved["weights"],
    }
    return {
        "sets": [{name: each[name] for name in ("members", "unserved", "loss", "share_lost")} for each in sets["sets"]],
        "weight": (sets["weight"], first["weight"], risks["weight"]),
        "listed": {key: weight for key, weight in listed.items() if weight},
        "drawn": (drawn.sets, drawn.in_draws, drawn.top, drawn.tops_in_draws),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,size\none,1\n", "the columns id and weight"),
        ("", "the columns id and weight"),
        ("id,weight\none,-1\n", "line 2, weight"),
        ("id,weight\none,1_0\n", "a number from 0 to 1000000000"),
        ("id,weight\none,nan\n", "a number from 0 to 1000000000"),
        ("id,weight\none,inf\n", "a number from 0 to 1000000000"),
        ("id,weight\none\n", "a number from 0 to 1000000000"),
        ("id,weight\none,1\none,2\n", "line 3, id"),
        ('id,weight\n"one,1\n', "CSV in UTF-8"),
    ],
)
def test_bad_weights_are_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "weights.csv"
    file.write_text(text)
    with pytest.raises(InvalidInput, match=told):
        portfolio_weights.weights_in(file)


def test_what_cannot_be_asked_is_refused(house: House, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        answers(house, tmp_path, also=["mover"], up_to=0)
    assert [(f.path, f.nearest) for f in refused.value.faults] == [("also", "movers"), ("up_to", None)]
    with pytest.raises(InvalidInput, match="a file that exists"):
        answers(house, tmp_path / "no.csv")


def test_hardware_fills_what_projects_leave_open(house: House, tmp_path: Path) -> None:
    file = tmp_path / "projects.csv"
    file.write_text("id,train_os\none,\ntwo,windows\n")
    release = house.knowledge().release
    projects, _ = portfolio_files.portfolio([file], release, house.probe())
    (each,) = projects()
    column: Any = each.sheet.columns["train_os"]
    assert (column.holds("linux").tolist(), column.holds("windows").tolist()) == ([True, False], [False, True])


# --- The example -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example(shipped_release: Any) -> list[Table]:
    projects, counts = portfolio_files.portfolio([EXAMPLE], shipped_release)
    tables = list(portfolio_files.tables(shipped_release, "training", projects)())
    assert (counts.read, counts.failed) == (64, 0)
    return tables


def test_every_answer_of_the_example_cites_the_file_that_shows_it() -> None:
    with EXAMPLE.open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert len({each["id"] for each in listed}) == len(listed) == 64
    title, *sections = EXAMPLE.with_name("portfolio-sources.md").read_text().split("\n## ")
    cited = {section.partition("\n")[0]: section for section in sections}
    assert list(cited) == [each["id"] for each in listed]
    of = re.compile(r"- ((?:`\w+`(?:, )?)+): [\w./-]+, `.+`")
    for each in listed:
        repository, section = each["id"].split(" (")[0], cited[each["id"]]
        assert re.search(
            rf"^Commit .*https://github\.com/{repository}/tree/[0-9a-f]{{40}}\) of \d{{4}}-", section, re.M
        )
        shown = [of.fullmatch(line) for line in section.splitlines() if line.startswith("- ")]
        answered = {question for line in shown if line for question in line[1][1:-1].split("`, `")}
        assert all(shown)
        assert answered == {question for question in each if question not in ("id", "name") and each[question]}
    assert "2026-11-21" in title


def test_the_best_sets_of_the_example_are_those_of_brute_force(example: list[Table]) -> None:
    found = portfolio_board.consolidation(lambda: iter(example), 3)
    members, scores = example[0].members, [row for each in example for row in each.units().tolist()]
    scores = [row for row in scores if max(row) >= 0]
    for each in found["sets"]:
        tried = min(
            (
                sum(all(row[f] < 0 for f in chosen) for row in scores),
                sum(max(row) - max(0, *(row[f] for f in chosen)) for row in scores),
                [members[f] for f in chosen],
            )
            for chosen in combinations(range(len(members)), each["k"])
        )
        assert (each["unserved"], each["members"]) == (tried[0], tried[2])
        assert each["loss"] == pytest.approx(tried[1] / 1e6 / len(scores), abs=1e-6)


def test_knowledge_of_a_house_says_how_steady_the_sets_are(house: House, tmp_path: Path) -> None:
    file = tmp_path / "projects.csv"
    file.write_text("id,stage\none,research\ntwo,production\n")
    known: Knowledge = house.knowledge()
    projects, _ = portfolio_files.portfolio([file], known.release)
    found = portfolio_studies.sensitivity(known, "training", projects, up_to=2)
    for each in found["sets"]:
        assert sum(rival["share"] for rival in each["in_draws"]) == pytest.approx(1.0)
    assert sum(found["tops_in_draws"].values()) == pytest.approx(1.0)
    cited = {e for of in known.document["grades"].values() for cell in of.values() for e, _ in cell["influences"]}
    assert {pivot["evidence"] for pivot in found["pivots"]} <= cited
    assert 0 < found["pieces"] <= len(cited)
    same = portfolio_studies.drift(
        known.document, known.document, "training", lambda r: portfolio_files.portfolio([file], r)[0]()
    )
    assert (same["parts"], same["changed"], same["projects"]) == ([], 0, 2)
