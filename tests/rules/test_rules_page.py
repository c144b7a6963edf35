"""The page of a decision: names who leads, who is out and by what, what it was made from; and stays within a screen."""

import json
import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings

from rules.accounts.markdown import WIDTH, escaped
from rules.accounts.naming import Names, chance, leaders, points
from rules.accounts.page import page
from rules.accounts.phrases import gate_texts
from rules.accounts.summary import chosen
from tests.rules.builders import Grades, alternative, document, gate, rule
from tests.rules.recorded import EXAMPLES, TWO_PEOPLE, Recorded, example, record, recorded, shipped, under, waived

QUIET = settings(max_examples=60, deadline=None, database=None)


def flat(text: str) -> str:
    """The page without its line breaks."""
    return " ".join(text.split())


def check(decision: dict[str, Any], names: Names) -> str:
    markdown = page(decision, names)["markdown"]
    told = flat(markdown)
    for role, result in decision["roles"].items():
        if result["ranking"]:
            first = result["ranking"][0]
            assert escaped(names.framework(chosen(decision, role)["framework"])) in markdown.split("\n", 1)[0]
            assert len(result["ranking"]) == 1 or points(first["score"]) in told
        check_out(result, names, told)
        for place in result["ranking"]:
            assert escaped(names.framework(place["framework"])) in told
    assert decision["passport"] in told
    assert decision["release"]["id"] in told
    assert decision["id"] in told
    for line in markdown.splitlines():
        assert len(line) <= WIDTH + 1 or line.startswith(("|", "#"))
    assert not re.search(r"\n\n\n|[ \t]\n", markdown)
    assert not re.search(r"\b(nan|None(?! of| instead)|null|True|False)\b", told)
    return markdown


def check_out(result: dict[str, Any], names: Names, told: str) -> None:
    """Who is in use and graded is named under a gate that stops it; the rest is counted."""
    stopped: dict[str, set[str]] = {}
    for entry in result["excluded"]:
        stopped.setdefault(entry["framework"], set()).add(entry["gate"])
    texts = gate_texts(result, names)
    counts = {"retired": 0, "without grades": 0}
    for framework, by in stopped.items():
        alternative = names.release.alternatives[framework]
        if alternative.facts["alt.lifecycle"] in ("deprecated", "archived"):
            counts["retired"] += 1
        elif not alternative.graded:
            counts["without grades"] += 1
        else:
            name = re.escape(escaped(alternative.name))
            items = re.findall(r"\*\*Out\*\*(?:(?!\*\*).)*", told)
            under = [i for i in items if re.search(rf"(?<!\w){name}(?!\w)", i)]
            said = [escaped(texts[gate]) for gate in by]
            said += [re.sub(r"\bit\b", "them", each) for each in said]  # of several
            assert any(each in i for i in under for each in said) or any("other gate" in i for i in under)
    for what, count in counts.items():
        assert not count or f"{count} {what}" in told


@QUIET
@given(recorded())
def test_every_page_names_who_leads_every_gate_and_the_passport(made: Recorded) -> None:
    check(*made)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_page_of_every_example(path: Any) -> None:
    markdown = check(example(path), shipped())
    roles = len(example(path)["roles"])
    assert len(markdown.splitlines()) < 30 + 25 * roles
    assert not re.search(r"`[a-z]+_[a-z_]+`|alt\.", markdown)  # words, not ids
    for stack in example(path)["stack"]:
        assert escaped(shipped().framework(stack["target"])) in flat(markdown)
        start = shipped().framework(stack["path"][0]["from"]) if stack["path"] else ""
        assert not stack["note"] or " from " not in stack["note"] or f" from {start} " in stack["note"]


@pytest.mark.parametrize("is_level", [False, True])
def test_where_the_ways_end_in_another_runtime_than_the_first_the_title_follows_them(is_level: bool) -> None:
    fits = (p for p in EXAMPLES if len(example(p)["roles"].get("runtime", {}).get("ranking", ())) > 1)
    path = next(p for p in fits if {len(way["path"]) for way in example(p)["stack"]} == {2})
    names, made = shipped(), deepcopy(example(path))
    result = made["roles"]["runtime"]
    assert len(result["ranking"]) > len(leaders(result))
    result["ranking"][-1]["tie_group"] = 1 if is_level else 99
    first, last = (names.framework(result["ranking"][at]["framework"]) for at in (0, -1))
    for way in made["stack"]:
        way["path"][0]["to"] = way["path"][-1]["from"] = result["ranking"][-1]["framework"]
    said = page(made, names)
    start = names.framework(made["stack"][0]["path"][0]["from"])
    assert said["title"].endswith(f"un with {last}")
    assert first not in said["title"]
    assert f"That is among runtimes alone: from {start} the way leads to {last}." in flat(said["markdown"])
    assert last not in page(example(path), names)["title"]
    made["stack"][-1]["path"] = []
    assert f"un with {last}" not in page(made, names)["title"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_contributions_shown_are_those_of_the_first_and_the_runner_up(path: Any) -> None:
    told = flat(page(example(path), shipped())["markdown"])
    for result in example(path)["roles"].values():
        if len(result["ranking"]) < 2:
            continue
        first, second = result["ranking"][:2]
        lifting = sorted((r for r in first["reasons"] if r["contribution"] > 0.0005), key=lambda r: -r["contribution"])
        for reason in lifting[:3]:
            assert f"+{100 * reason['contribution']:.1f} “{escaped(reason['text'])}”" in told
        other = {r["rule"]: r["contribution"] for r in first["reasons"]}
        ahead = max(second["reasons"], key=lambda r: r["contribution"] - other[r["rule"]])
        by = 100 * (ahead["contribution"] - other[ahead["rule"]])
        if by > 0.05:
            two = escaped(shipped().framework(second["framework"]))
            assert f"**For {two}**: “{escaped(ahead['text'])}” (+{by:.1f})" in told


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
        "# Train and run with B or C\n\n## Training\n\n"
        f"**B and C are tied: B leads C by 1.7 points and is first with a probability of {sure}.**\n\n"
        "| Rank | Score | 90% interval | First |\n| --- | --: | --: | --: |\n| 1. B |"
    )
    assert "\n- **Out**: A: fails phones\n- **Also out**: 1 without grades (see the trace)\n" in body
    assert "\n- **One answer away**: A (1st) by " in body


def test_what_several_gates_stop_is_marked_and_many_gates_are_counted() -> None:
    decision, names = record(small(), {"deploy_targets": ["android"], "offline": True})
    assert {e["gate"] for e in decision["roles"]["training"]["excluded"] if e["framework"] == "b"} == {"kernels"}
    markdown = page(decision, names)["markdown"]
    assert "- **Out**: A: fails phones\n- **Out**: B: fails kernels\n" in markdown
    stuck = small()
    stuck["alternatives"][0]["facts"]["alt.has.kernels"] = False
    decision, names = record(stuck, {"deploy_targets": ["android"], "offline": True})
    markdown = page(decision, names)["markdown"]
    assert "- **Out**: A† and B: fails kernels\n" in markdown
    assert "- **Also out**: 1 without grades (see the trace); † is stopped by other gates too\n" in markdown
    stuck["alternatives"] = [each for each in stuck["alternatives"] if each["graded"]]
    decision, names = record(stuck, {"deploy_targets": ["android"], "offline": True})
    markdown = page(decision, names)["markdown"]
    assert "- **†**: is stopped by other gates too\n" in markdown
    assert "Also out" not in markdown
    members = [alternative(name, rows__max=5 * at) for at, name in enumerate("abcdef")]
    guards = [gate(f"g{name}", f'alt.id != "{name}"', "offline") for name in "abcde"]
    source = document(members, {"c": dict.fromkeys("abcdef", (3, 0.1))}, [rule("base", {"c": 1})], guards)
    markdown = page(*record(source, {"offline": True}))["markdown"]
    assert "- **Out**: C: fails gc\n- **Out** by 2 other gates: D and E\n" in markdown


def test_where_nothing_is_left_the_page_says_so_and_how_to_get_something_back() -> None:
    decision, names = record(small(), {"offline": True, "deploy_targets": ["android"]})
    for each in decision["roles"]["training"], decision["roles"].get("runtime"):
        if each:
            each["ranking"], each["margin"] = [], None
    markdown = page(decision, names)["markdown"]
    assert markdown.startswith("# Nothing is left to train")
    assert "**Nothing is left: " in markdown


def test_where_everything_is_excluded_the_minimal_sets_to_take_back_are_told() -> None:
    source = small()
    for each in source["alternatives"]:
        each["facts"] |= {"alt.has.kernels": False, "alt.run.android": 1}
    decision, names = record(source, {"deploy_targets": ["android"], "offline": True}, roles=("training",))
    told = flat(page(decision, names)["markdown"])
    assert told.startswith(
        "# Nothing is left to train with ## Training **Nothing is left: all 3 candidates are excluded, by"
    )
    both = "taking back android from the answer to “deploy\\_targets” and the answer to “offline”"
    every = "**Way out**: every other way takes back one of these sets too"
    assert f"- **Way out**: {both} lets in A, B and C - {every}" in told


def test_a_waiver_and_an_expired_one_are_told_with_the_policy() -> None:
    source, policy = waived()
    told = flat(page(*record(under(source, policy), {}, roles=("training",)))["markdown"])
    assert "Mind: A fails g (Has kernels: no; waived by acme until 2027-03-31)." in told
    assert "**Out**: B: fails g" in told
    assert "- under the policy acme of Board; it weighs “base”" in told
    source, policy = waived(expires="2026-11-20")
    told = flat(page(*record(under(source, policy), {}, roles=("training",)))["markdown"])
    assert "Mind" not in told
    assert "expired are its waivers of g for A (2026-11-20)" in told


def test_what_people_want_and_what_was_drawn_is_told() -> None:
    grades: Grades = {"c1": {"a": (4, 0.3), "b": (1, 0.3)}, "c2": {"a": (1, 0.3), "b": (4, 0.3)}}
    rules = [
        rule("base", {"c1": 1, "c2": 1}),
        rule("easy", {"c1": 2}, rank_of="ease"),
        rule("quick", {"c2": 2}, rank_of="speed"),
    ]
    source = document([alternative("a"), alternative("b")], grades, rules)
    told = flat(page(*record(source, {}, roles=("training",), stated=TWO_PEOPLE, draws=400))["markdown"])
    assert re.search(r"\*\*A leads B by [\d.]+ points and is first in \d+% of 400 draws.\*\*", told)
    assert re.search(
        r"\*\*B leads\*\* in \d+% of the draws; in these “quick” weighs [\d.]+% on average instead of ", told
    )
    assert "**Stakeholders**: their rankings agree to 0% (Kendall's W); Bo alone would put B first" in told
    assert "priorities, as Ann and Bo stated them: ease 50% (0% to 75%), " in told
    assert "intervals, ties and probabilities from 400 draws" in told


def test_a_decision_not_asked_what_would_change_it_says_what_it_waits_for() -> None:
    grades: Grades = {"c1": {"a": (4, 0.1), "b": (1, 0.1)}, "c2": {"a": (1, 0.1), "b": (4, 0.1)}}
    rules = [rule("base", {"c1": 1}), rule("away", {"c2": 9}, "offline")]
    source = document([alternative("a"), alternative("b")], grades, rules)
    told = flat(page(*record(source, {}, roles=("training",), what_if=False))["markdown"])
    assert "**Open questions**: “offline” could change who is first" in told
    assert "Would change it" not in told
    told = flat(page(*record(source, {}, roles=("training",)))["markdown"])
    assert "**Open questions**: “offline”: 1 of 2 answers would put B first" in told


def test_facts_not_on_file_and_sources_that_disagree_are_uncertain() -> None:
    source = small()
    source["grades"]["c2"]["b"]["contested"] = True
    source["alternatives"][1]["facts"].pop("alt.has.kernels")
    decision, names = record(source, {"deploy_targets": ["android"], "offline": True})
    told = flat(page(decision, names)["markdown"])
    assert "**Not verified** for B, for nothing is on file: Has kernels" in told
    assert "**Sources disagree** about B: C2" in told


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


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("this server", "from the answers and the profile “rig” (this server)"),
        ("your profile", "from the answers and the profile “rig” (your profile)"),
        ("what if", "from the answers and, as a what-if, the machine “rig” of the catalogue"),
        (None, "from the answers and the profile “rig”\n"),
    ],
)
def test_the_page_says_whose_machine_it_is_about(source: str | None, told: str) -> None:
    decision, names = record(small(), {"deploy_targets": ["android"]})
    decision["hardware"] |= {"basis": "profile", "label": "rig", "source": source}
    assert told in page(decision, names)["markdown"].replace("\n  ", " ")


def test_the_page_is_made_from_the_document_alone() -> None:
    decision = example(EXAMPLES[0])
    again = json.loads(json.dumps(decision))
    assert page(decision, shipped()) == page(again, shipped())
    assert decision == again
