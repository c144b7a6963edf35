"""`steelyard consolidate`: a board's questions about a file of projects."""

import re
from pathlib import Path

import polars as pl
import pytest

from cli.render.consolidation import VERDICTS
from tests.commanding import Steelyard

PROJECTS = "id,weight,stage,existing_code\none,2,research,pytorch\ntwo,5,production,\nthree,1,oops,\n"
WORDS = {
    "summary": "What comes first",
    "movers": "Who should move",
    "risk": "What may give way",
    "groups": "There are no clear groups",
    "sensitivity": "How far that hangs on the evidence",
}


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    path = tmp_path / "projects.csv"
    path.write_text(PROJECTS)
    return path


def test_the_best_few_are_told_with_whom_they_hurt(steelyard: Steelyard, projects: Path) -> None:
    shown = steelyard("consolidate", projects, "--json").json()
    ended = steelyard("consolidate", projects)
    assert ended.code == 0
    assert (shown["read"], shown["failed"]) == (3, 1)
    assert "1 row of 3 could not be read" in ended.out
    assert "Each project counts by the column “weight”" in ended.out
    said = " ".join(ended.out.split())
    for each in shown["consolidation"]["sets"]:
        assert f"{100 * each['share_lost']:.1f}%" in said
    assert not any(word in said for word in WORDS.values())


def test_columns_mean_what_is_said_of_them(steelyard: Steelyard, projects: Path, tmp_path: Path) -> None:
    told = steelyard("consolidate", projects, "--json").json()
    projects.write_text(PROJECTS.replace("stage,existing_code", "Phase,Code").replace("research", "Study"))
    (tmp_path / "m.yaml").write_text("columns: {Code: existing_code}\nvalues: {stage: {Study: research}}\n")
    said = ("--map", "Phase=stage", "--mapping", "m.yaml", "--json")
    assert steelyard("consolidate", projects, *said).json() == told
    assert steelyard("drift", projects, "--before", told["release"], *said).json()["unread"] == 0
    assert steelyard("consolidate", projects).code == 2


def test_projects_that_need_no_runtime_are_told_and_counted(
    steelyard: Steelyard, projects: Path, tmp_path: Path
) -> None:
    rows = ("a,train,classical_ml,server_cpu", "b,train,deep_learning,android", "c,train,classical_ml,")
    projects.write_text("\n".join(("id,need,approach,deploy_targets", *rows)))
    asked = ("--role", "runtime", "--also", "summary")
    told = steelyard("consolidate", projects, *asked, "--json").json()
    assert [told[name]["needless"] for name in ("consolidation", "summary")] == [1, 1]
    assert told["consolidation"]["projects"] == 2
    sentence = "1 of the 2 projects needs no runtime: what trains or serves its models runs them on every target."
    assert sentence in " ".join(steelyard("consolidate", projects, *asked).out.split())
    assert steelyard("consolidate", projects, "--json").json()["consolidation"]["needless"] is None
    assert steelyard("score", projects, "-o", "scored.parquet", "--with", "scores").code == 0
    scored = steelyard("consolidate", tmp_path / "scored.parquet", *asked, "--json").json()["consolidation"]
    assert scored["needless"] == 1
    pl.read_parquet(tmp_path / "scored.parquet").drop("runtime_needed").write_parquet(tmp_path / "earlier.parquet")
    earlier = steelyard("consolidate", tmp_path / "earlier.parquet", *asked, "--json").json()
    assert earlier["consolidation"] == {**scored, "needless": None}


def test_packages_say_what_code_depends_on(steelyard: Steelyard, projects: Path) -> None:
    told = steelyard("consolidate", projects, "--json").json()
    more = steelyard("consolidate", projects, "--json", "--also", "movers").json()
    projects.write_text(PROJECTS.replace("existing_code", "deps").replace("pytorch", "torch[all]>=2"))
    said = ("--map", "deps=packages", "--json")
    assert steelyard("consolidate", projects, *said).json() == told
    assert steelyard("consolidate", projects, *said, "--also", "movers").json() == more
    assert steelyard("drift", projects, "--before", told["release"], *said).json()["unread"] == 0


@pytest.mark.parametrize("also", WORDS)
def test_more_is_told_where_it_is_asked_for(steelyard: Steelyard, projects: Path, also: str) -> None:
    ended = steelyard("consolidate", projects, "--also", also, "--up-to", 2)
    assert ended.code == 0
    assert WORDS[also] in " ".join(ended.out.split())
    shown = steelyard("consolidate", projects, "--also", also, "--json").json()
    assert shown[also]["role"] == "training"


def test_licences_are_not_unknown_where_nobody_states_a_policy(steelyard: Steelyard, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("id,need,existing_code\na,train_from_scratch,pytorch;tensorflow\nb,train_from_scratch,pytorch\n")
    said = " ".join(steelyard("consolidate", path, "--also", "risk").out.split())
    assert "1 project depends on several and is looked at for the one that serves it best." in said
    assert said.count("No project states a licence policy, so whether licences break one is not asked.") == 1
    assert "licence policy (" not in said
    shown = steelyard("consolidate", path, "--also", "risk", "--json").json()["risk"]
    assert (shown["several"], shown["licence_policies"]) == (1, 0)
    assert not [each for each in shown["exposures"] if each["risk"] == "licence"]
    path.write_text("id,need,licence_policy\na,train_from_scratch,osi_approved\nb,train_from_scratch,\n")
    assert "No project states" not in " ".join(steelyard("consolidate", path, "--also", "risk").out.split())
    assert steelyard("consolidate", path, "--also", "risk", "--json").json()["risk"]["licence_policies"] == 1


def test_verdicts_and_what_asks_for_nothing_are_told_in_sentences(steelyard: Steelyard, tmp_path: Path) -> None:
    rows = "one,train,pytorch\ntwo,train,caffe\nthree,train,caffe\nfour,inference_only,\nfive,train,\n"
    file = tmp_path / "projects.csv"
    file.write_text(f"id,need,existing_code\n{rows}")
    said = " ".join(steelyard("consolidate", file, "--also", "movers").out.split())
    assert "few frameworks for 4 projects 1 other project of the 5 rows asks for none." in said
    moved = steelyard("consolidate", file, "--also", "movers", "--json").json()["movers"]
    verdicts = moved["verdicts"]
    assert (verdicts["has to move"], verdicts["unknown"]) == (2, 1)
    assert "2 have to move and 1 names nothing to move from." in said
    for each in moved["forced"]:  # a sentence of its own, which begins with a capital
        assert re.search(rf"  ?{each['id']}: \S+ to \S+: {re.escape(each['why'])}", said)
    assert set(VERDICTS) == set(verdicts)


def test_such_as_is_said_only_where_there_are_more(steelyard: Steelyard, tmp_path: Path) -> None:
    file = tmp_path / "projects.csv"
    for rows in (2, 4):
        file.write_text("id,need,existing_code\n" + "".join(f"p{n},train,caffe\n" for n in range(rows)))
        said = " ".join(steelyard("consolidate", file, "--also", "risk").out.split())
        assert (f"{rows} projects, such as p0, p1 and p2." in said) == (rows > 3)
        assert (f"{rows} projects, p0 and p1." in said) == (rows == 2)


def test_weights_and_a_picture(steelyard: Steelyard, projects: Path, tmp_path: Path) -> None:
    weights, picture = tmp_path / "weights.csv", tmp_path / "price.svg"
    weights.write_text("id,weight\none,10\ntwo,1\n")
    shown = steelyard("consolidate", projects, "--weights", weights, "--picture", picture, "--json").json()
    assert shown["consolidation"]["weight"] == 11
    weights.write_text("id,weight\none,0\ntwo,0\n")
    ended = steelyard("consolidate", projects, "--weights", weights)
    assert "No project that counts has anything left to choose from." in ended.out
    assert "best set" not in ended.out
    assert picture.read_text().startswith("<svg")


def test_results_with_scores_tell_the_same_as_their_projects(steelyard: Steelyard, projects: Path) -> None:
    results = projects.with_name("results.parquet")
    assert steelyard("score", projects, "-o", results, "--with", "scores").code == 0
    ours, theirs = (
        steelyard("consolidate", file, "--also", "summary", "--json").json() for file in (results, projects)
    )
    for each in (*ours["consolidation"]["sets"], *theirs["consolidation"]["sets"]):
        each["hurt"].pop("by_group")  # results do not tell the answers
    assert ours["consolidation"] == theirs["consolidation"]
    assert ours["summary"]["frameworks"] == theirs["summary"]["frameworks"]
    assert (ours["counted_by"], ours["consolidation"]["weight"]) == (theirs["counted_by"], 7)
    assert (ours["release"], ours["read"], ours["failed"]) == (None, 2, 0)
    weights = projects.with_name("weights.csv")
    weights.write_text("id,weight\none,10\ntwo,1\n")
    assert steelyard("consolidate", results, "--weights", weights, "--json").json()["consolidation"]["weight"] == 11
    ended = steelyard("consolidate", results, "--also", "movers")
    assert ended.code == 2
    assert "give the files of the projects" in " ".join(ended.err.split())


def test_results_without_scores_are_no_projects(steelyard: Steelyard, projects: Path) -> None:
    results = projects.with_name("results.parquet")
    assert steelyard("score", projects, "-o", results).code == 0
    ended = steelyard("consolidate", results)
    assert (ended.code, ended.out) == (2, "")


def test_a_role_that_no_project_calls_for_is_refused(steelyard: Steelyard, projects: Path) -> None:
    ended = steelyard("consolidate", projects, "--role", "serving")
    assert ended.code == 2
    assert "at least one project that calls for the role" in ended.err


def test_files_that_are_not_there_are_refused(steelyard: Steelyard, tmp_path: Path) -> None:
    ended = steelyard("consolidate", tmp_path / "nothing.csv")
    assert (ended.code, ended.out) == (2, "")
    assert "a file that exists" in ended.err
