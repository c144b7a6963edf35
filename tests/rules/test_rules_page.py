"""The page of a decision: names who leads, every gate that excludes, what it was made from; and stays readable."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings

from rules.markdown import WIDTH, escaped
from rules.naming import Names, chance, points
from rules.page import page
from rules.phrases import gate_texts
from tests.rules.builders import Grades, alternative, document, gate, rule
from tests.rules.recorded import EXAMPLES, Recorded, example, record, recorded, shipped

QUIET = settings(max_examples=60, deadline=None, database=None)


def flat(text: str) -> str:
    """The page without its line breaks."""
    return " ".join(text.split())


def check(decision: dict[str, Any], names: Names) -> str:
    markdown = page(decision, names)["markdown"]
    told = flat(markdown)
    for result in decision["roles"].values():
        if result["ranking"]:
            first = result["ranking"][0]
            assert escaped(names.framework(first["framework"])) in markdown.split("\n", 1)[0]
            assert len(result["ranking"]) == 1 or points(first["score"]) in told
        for text in gate_texts(result, names).values():
            assert escaped(text) in told
        for entry in result["excluded"]:
            assert escaped(names.framework(entry["framework"])) in told
        for place in result["ranking"]:
            assert escaped(names.framework(place["framework"])) in told
    assert decision["passport"] in told
    assert decision["release"]["id"] in told
    assert decision["id"] in told
    for line in markdown.splitlines():
        assert len(line) <= WIDTH + 1 or line.startswith(("|", "#"))
    assert not re.search(r"\n\n\n|[ \t]\n", markdown)
    assert not re.search(r"\b(nan|None(?! of)|null|True|False)\b", told)
    return markdown


@QUIET
@given(recorded())
def test_every_page_names_who_leads_every_gate_and_the_passport(made: Recorded) -> None:
    check(*made)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_page_of_every_example(path: Any) -> None:
    markdown = check(example(path), shipped())
    assert len(markdown.splitlines()) < 80 * len(example(path)["roles"])
    assert not re.search(r"`[a-z]+_[a-z_]+`|alt\.", markdown)  # words, not ids
    for stack in example(path)["stack"]:
        assert escaped(shipped().framework(stack["target"])) in flat(markdown)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_contributions_shown_are_those_of_the_first_and_the_runner_up(path: Any) -> None:
    told = flat(page(example(path), shipped())["markdown"])
    for result in example(path)["roles"].values():
        if len(result["ranking"]) < 2:
            continue
        first, second = result["ranking"][:2]
        lifting = sorted((r for r in first["reasons"] if r["contribution"] > 0.0005), key=lambda r: -r["contribution"])
        for reason in lifting[:4]:
            assert f"+{100 * reason['contribution']:.1f} “{escaped(reason['text'])}”" in told
        other = {r["rule"]: r["contribution"] for r in first["reasons"]}
        ahead = max(second["reasons"], key=lambda r: r["contribution"] - other[r["rule"]])
        by = 100 * (ahead["contribution"] - other[ahead["rule"]])
        if by > 0.05:
            one, two = (escaped(shipped().framework(place["framework"])) for place in (first, second))
            assert f"{two} is ahead of {one} by “{escaped(ahead['text'])}” (+{by:.1f})" in told


def small(**rest: Any) -> dict[str, Any]:
    facts = [
        alternative("a", run__android=1),
        alternative("b", run__android=3, has__kernels=False),
        alternative("c", run__android=3),
        alternative("d", graded=False),
    ]
    grades: Grades = {
        "c1": {"a": (4, 0.1), "b": (3, 0.5), "c": (2.9, 0.5)},
        "c2": {"a": (1, 0.1), "b": (2, 0.1), "c": (2, 0.1)},
    }
    rules = [rule("base", {"c1": 2, "c2": 1}), rule("small", {"c2": 3}, "team_size < 5")]
    guards = [
        gate("phones", "alt.run.android >= 2", '"android" in deploy_targets'),
        gate("kernels", "alt.has.kernels", "offline"),
        gate("graded", "alt.graded"),
    ]
    return document(facts, grades, rules, guards, **rest)


def test_a_small_page_word_for_word() -> None:
    decision, names = record(small(), {"deploy_targets": ["android"]})
    sure = chance(decision["roles"]["training"]["ranking"][0]["win_probability"])
    body = page(decision, names)["markdown"].split("## The way")[0]
    assert body.startswith(
        "# Train with B or C and find nothing to run with\n\n## Training\n\n"
        f"**B and C are tied: B leads C by 1.7 points and is first with a probability of {sure}.**\n\n"
        "| Rank | Score | 90% interval | First |\n| --- | --: | --: | --: |\n| 1. B |"
    )
    assert "**Out, by gate**\n\n- fails phones: A\n- fails graded: D\n" in body
    assert "**One changed answer would bring back**\n\n- A (1st): " in body
    assert "- B and C cannot be told apart" in body


def test_what_several_gates_stop_is_marked_and_gates_left_untold_are_listed() -> None:
    decision, names = record(small(), {"deploy_targets": ["android"], "offline": True})
    assert {e["gate"] for e in decision["roles"]["training"]["excluded"] if e["framework"] == "b"} == {"kernels"}
    markdown = page(decision, names)["markdown"]
    assert "- fails phones: A\n- fails kernels: B\n" in markdown
    stuck = small()
    stuck["alternatives"][0]["facts"]["alt.has.kernels"] = False
    decision, names = record(stuck, {"deploy_targets": ["android"], "offline": True})
    markdown = page(decision, names)["markdown"]
    assert "- fails kernels: A† and B\n- fails graded: D\n- † also stopped by: fails phones\n" in markdown


def test_where_nothing_is_left_the_page_says_so_and_how_to_get_something_back() -> None:
    decision, names = record(small(), {"offline": True, "deploy_targets": ["android"]})
    for each in decision["roles"]["training"], decision["roles"].get("runtime"):
        if each:
            each["ranking"], each["margin"] = [], None
    markdown = page(decision, names)["markdown"]
    assert markdown.startswith("# Find nothing to train with")
    assert "**Nothing is left: " in markdown


def test_facts_not_on_file_and_sources_that_disagree_are_uncertain() -> None:
    source = small()
    source["grades"]["c2"]["b"]["contested"] = True
    source["alternatives"][1]["facts"].pop("alt.has.kernels")
    decision, names = record(source, {"deploy_targets": ["android"], "offline": True})
    told = flat(page(decision, names)["markdown"])
    assert "not verified for B, for nothing is on file: Has kernels" in told
    assert "sources disagree about B: C2" in told


def test_marks_in_texts_of_rules_gates_names_and_profiles_stay_text() -> None:
    source = small()
    source["rules"][0]["text"] = "Weighs *all* | <b>of_it</b> [here](x)"
    source["gates"][0]["text"] = "{name} fails `it` # twice"
    source["alternatives"][1]["name"] = "B_1 | *"
    decision, names = record(source, {"deploy_targets": ["android"]})
    decision["hardware"] |= {"basis": "profile", "label": "my <box> |\n# machine", "disagreements": ["It *differs*."]}
    markdown = page(decision, names)["markdown"]
    told = flat(markdown)
    assert r"Weighs \*all\* \| \<b\>of\_it\</b\> \[here\](x)" in told
    assert r"fails \`it\` \# twice" in told
    assert r"| 1. B\_1 \| \* |" in told
    assert r"“my \<box\> \| \# machine”" in told
    assert r"- It \*differs\*." in told
    assert not re.search(r"(?<!\\)<", markdown)
    for row in (line for line in markdown.splitlines() if line.startswith("|")):
        assert len(re.findall(r"(?<!\\)\|", row)) == 5


def test_the_page_is_made_from_the_document_alone() -> None:
    decision = example(EXAMPLES[0])
    again = json.loads(json.dumps(decision))
    assert page(decision, shipped()) == page(again, shipped())
    assert decision == again
