"""One sentence for each role, and a reason for every alternative on file."""

import re
from typing import Any

import pytest
from hypothesis import given, settings

from rules.accounts.naming import Names, chance, leaders, listed, number, ordinal, percent, points, signed, two_percents
from rules.accounts.phrases import change
from rules.accounts.telling import line, why_not
from rules.compiled import ROLES
from rules.faults import InvalidInput
from tests.rules.builders import Grades, alternative, document, gate, rule
from tests.rules.recorded import EXAMPLES, TWO_PEOPLE, Recorded, example, record, recorded, shipped, under, waived

QUIET = settings(max_examples=60, deadline=None, database=None)


def tied() -> list[tuple[dict[str, Any], str]]:
    """(decision, role) of the examples that end in a tie."""
    found = [(example(p), role) for p in EXAMPLES for role in example(p)["roles"]]
    return [(decision, role) for decision, role in found if len(leaders(decision["roles"][role])) > 1]


# --- Numbers and lists -----------------------------------------------------------------------------------------------


def test_numbers_as_a_person_reads_them() -> None:
    assert [points(x) for x in (0.123456, 1, -0.0001)] == ["12.3", "100.0", "0.0"]
    assert [signed(x) for x in (0.0123, -0.0123, -0.0001)] == ["+1.2", "−1.2", "0.0"]
    assert [percent(x) for x in (0, 0.001, 0.5, 0.999, 1)] == ["0%", "under 1%", "50%", "over 99%", "100%"]
    assert [chance(x) for x in (0, 0.5, 1)] == ["under 1%", "50%", "over 99%"]
    assert two_percents(0.14, 0.17) == ("14%", "17%")
    assert two_percents(0.081, 0.0799) == ("8.1%", "8.0%")
    assert [ordinal(n) for n in (1, 2, 3, 4, 21, 112)] == ["1st", "2nd", "3rd", "4th", "21st", "112th"]
    assert [ordinal(n) for n in (11, 12, 13)] == ["11th", "12th", "13th"]
    assert [number(x) for x in (3.0, 2.5, 1e9)] == ["3", "2.5", "1,000,000,000"]
    assert [listed(x, 2) for x in ([], ["a"], ["a", "b"])] == ["", "a", "a and b"]
    assert listed(["a", "b", "c", "d"], 2, "or") == "a, b or 2 more"


@pytest.mark.parametrize(
    ("question", "before", "after", "words"),
    [
        ("offline", None, [True], "answering “offline” with yes"),
        ("offline", True, [False, None], "answering “offline” with no instead of yes or leaving it open"),
        ("offline", True, [None], "leaving “offline” open"),
        ("data_rows", 10.0, [1000], "answering “data_rows” with 1,000 rows instead of 10 rows"),
        ("train_os", ["linux", "windows"], [["linux"]], "answering “train_os” without windows"),
        ("train_os", ["linux"], [["linux", "macos"]], "answering “train_os” also with macos"),
        ("train_os", ["linux"], [["macos"]], "answering “train_os” with macos instead of linux"),
        ("train_os", [], [["macos"]], "answering “train_os” with macos instead of none of these"),
        ("priorities", ["cost", "ease"], [["ease", "cost"]], "answering “priorities” with first ease"),
        ("known_frameworks", None, [["a"], ["b"]], "answering “known_frameworks” with A or B"),
    ],
)
def test_a_changed_answer_in_words(question: str, before: object, after: list[object], words: str) -> None:
    _, names = record(small(), {})
    assert change(names, question, before, after) == words


# --- The line --------------------------------------------------------------------------------------------------------


def small() -> dict[str, Any]:
    facts = [
        alternative("a", run__android=1),
        alternative("b", run__android=3),
        alternative("c", run__android=3),
        alternative("d", graded=False),
        alternative("e", roles=["serving"]),
        alternative("f", roles=["companion"], graded=False),
        alternative("g", graded=False),
    ]
    facts[3]["lifecycle"] = {"successor": "b"}
    grades: Grades = {
        "c1": {"a": (4, 0.1), "b": (3, 0.1), "c": (2, 0.1)},
        "c2": {"a": (1, 0.1), "b": (2, 0.1), "c": (2.5, 0.1)},
    }
    rules = [rule("base", {"c1": 2}), rule("more", {"c2": 1})]
    guards = [
        gate("phones", "alt.run.android >= 2", '"android" in deploy_targets'),
        gate("not-d", "alt.graded or alt.run.android >= 2", "offline"),
        gate("named", 'alt.lifecycle == "active" and alt.run.android >= 0', "not offline"),
    ]
    return document(facts, grades, rules, guards)


def test_a_line_word_for_word() -> None:
    decision, names = record(small(), {"deploy_targets": ["none"]})
    # base 2/3, more 1/3. A: 2/3 + 1/12 = 0.75; B: 1/2 + 1/6 = 0.667; C: 1/3 + 0.208 = 0.542.
    assert line(decision, names) == {
        "training": "For training, A leads B by 8.3 points and is first with a probability of "
        f"{chance(decision['roles']['training']['ranking'][0]['win_probability'])}, mostly by “base” (+16.7); "
        "answering “deploy_targets” with android instead of none would put B first."
    }


@QUIET
@given(recorded())
def test_every_role_gets_one_sentence_that_names_its_first(made: Recorded) -> None:
    decision, names = made
    told = line(decision, names)
    assert told.keys() == decision["roles"].keys()
    for role, sentence in told.items():
        one_sentence(sentence)
        ranking = decision["roles"][role]["ranking"]
        assert names.framework(ranking[0]["framework"]) in sentence if ranking else "nothing" in sentence


def one_sentence(text: str) -> None:
    assert text.endswith(".")
    assert not re.search(r"[.!] [A-Z]|\n|  |None|nan", text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_lines_of_every_example_give_lead_certainty_and_two_reasons(path: Any) -> None:
    decision = example(path)
    for role, sentence in line(decision, shipped()).items():
        one_sentence(sentence)
        assert len(sentence) < 480
        ranking = decision["roles"][role]["ranking"]
        if len(ranking) == 1:
            assert "is the only candidate left" in sentence
            continue
        ahead_by = points(decision["roles"][role]["margin"])
        assert ("scores the same as" if ahead_by == "0.0" else f"by {ahead_by} points") in sentence
        assert chance(ranking[0]["win_probability"]) in sentence
        other = {r["rule"]: r["contribution"] for r in ranking[1]["reasons"]}
        ahead = sorted(ranking[0]["reasons"], key=lambda r: other[r["rule"]] - r["contribution"])
        for reason in ahead[:2]:
            assert f"“{reason['text']}” ({signed(reason['contribution'] - other[reason['rule']])})" in sentence


def test_a_tie_is_called_one() -> None:
    assert tied()
    for decision, role in tied():
        sentence = line(decision, shipped())[role]
        who = listed([shipped().framework(p["framework"]) for p in leaders(decision["roles"][role])])
        assert f", {who} are tied: " in sentence


def test_what_changes_it_is_a_near_weight_then_an_open_question_then_another_answer() -> None:
    decision, names = record(small(), {"deploy_targets": ["none"]})
    near = {"role": "training", "rule": "base", "share": 0.4, "factor": 0.8, "share_after": 0.35, "winner": "b"}
    far = {**near, "rule": "more", "factor": 3.0}
    given_ = {"role": "training", "question": "offline", "from": True, "to": False, "winner": "b"}
    nobody = {**given_, "winner": None}
    stage = {"role": "training", "question": "stage", "answers": 2, "winners": {"": 1, "b": 1}}
    rows = {"role": "training", "question": "data_rows", "answers": 4, "winners": {"b": 1, "c": 1}}
    empty = {**stage, "winners": {"": 1}}
    none = "no other single answer or weight puts another first"
    for weights, flips, unknown, words in (
        ([far, near], [given_], [stage], "at 35% of the score instead of 40%, “base” would bring B level"),
        ([far], [given_], [rows], "still open is “data_rows”: 2 of 4 answers would put B or C first"),
        ([far], [given_], [rows, stage], "still open is “stage”: any answer would put B first or leave nothing"),
        ([far], [nobody, given_], [empty], "answering “offline” with no instead of yes would put B first"),
        ([far], [nobody], [], "“more” would bring B level"),
        ([], [nobody], [], f"{none}, but some answers to “offline” leave nothing"),
        ([], [], [], none),
    ):
        decision["changes"] = {"weights": weights, "answers": flips, "unknown": unknown, "settled": {}}
        assert line(decision, names)["training"].endswith(f"{words}.")
    declined = {**decision, "not_known": ["stage"], "changes": {**decision["changes"], "unknown": [stage]}}
    assert "; asked and not known is “stage”: " in line(declined, names)["training"]
    decision["changes"] = None
    assert line(decision, names)["training"].endswith("mostly by “base” (+16.7).")


def test_where_nothing_is_left_the_line_says_what_stops_most() -> None:
    decision, names = record(small(), {"deploy_targets": ["android"]})
    decision["roles"]["training"] |= {"ranking": [], "margin": None}
    told = line(decision, names)["training"]
    assert told.startswith("For training, nothing is left: the only candidate is excluded by “fails phones”")
    assert "A comes back by answering" in told


def test_draws_waivers_and_people_who_want_another_are_in_the_line() -> None:
    source, policy = waived()
    leave = "A fails g (waived by acme until 2027-03-31)"
    decision, names = record(under(source, policy), {}, roles=("training",))
    assert line(decision, names)["training"] == (
        "For training, A is the only candidate left, carried most by “base” (100% of the score, weighed by acme);"
        f" {leave}; no other single answer or weight puts another first."
    )
    decision, names = record(wanted(), {}, roles=("training",), stated=TWO_PEOPLE, draws=400)
    sentence = line(decision, names)["training"]
    assert re.search(r"is first in \d+% of 400 draws, mostly by “easy” \(\+", sentence)
    assert "; Bo alone would put B first; " in sentence


def wanted() -> dict[str, Any]:
    """Two alternatives of which Ann of `TWO_PEOPLE` wants the one and Bo the other."""
    grades: Grades = {"c1": {"a": (4, 0.3), "b": (1, 0.3)}, "c2": {"a": (1, 0.3), "b": (4, 0.3)}}
    rules = [
        rule("base", {"c1": 1, "c2": 1}),
        rule("easy", {"c1": 2}, rank_of="ease"),
        rule("quick", {"c2": 2}, rank_of="speed"),
    ]
    return document([alternative("a"), alternative("b")], grades, rules)


# --- Why not ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_alternative_on_file_gets_a_reason(path: Any) -> None:
    decision, names = example(path), shipped()
    for name, on_file in names.release.alternatives.items():
        found = why_not(decision, names, name)
        assert len(found["reason"]) > 20
        assert not re.search(r"None|  |\.\.|: \.", found["reason"])
        assert found["reason"].endswith(".")
        expected = {role for role in decision["roles"] if stands(decision["roles"][role], name)}
        assert found["roles"].keys() == expected
        check(found, decision, names)
        if on_file.successor:
            assert f"Its successor is {names.framework(on_file.successor)}" in found["reason"]
        elif not set(on_file.roles) & set(ROLES):
            assert "no candidate" in found["reason"]
        elif not set(on_file.roles) & decision["roles"].keys():
            assert "which this decision does not rank" in found["reason"]


def stands(result: dict[str, Any], name: str) -> bool:
    return any(each["framework"] == name for kind in ("ranking", "excluded") for each in result[kind])


def check(found: dict[str, Any], decision: dict[str, Any], names: Names) -> None:
    for role, each in found["roles"].items():
        result = decision["roles"][role]
        if each["outcome"] == "ranked":
            first = result["ranking"][0]
            assert each["first"] == first["framework"]
            assert abs(sum(row["behind_by"] for row in each["where"]) - each["behind_by"]) < 1e-9
            shown = [row["behind_by"] for row in each["where"]]
            assert shown == sorted(shown, reverse=True)
            assert each["rank"] == 1 or names.framework(first["framework"]) in found["reason"]
        else:
            assert {g["gate"] for g in each["gates"]} == {
                e["gate"] for e in result["excluded"] if e["framework"] == found["framework"]
            }
            misses = [m for m in result["near_misses"] if m["framework"] == found["framework"]]
            assert each["near_miss"] == (misses[0] if misses else None)
            assert ("would bring it back as" in found["reason"]) or not misses


@QUIET
@given(recorded())
def test_every_alternative_of_generated_roles_gets_a_reason(made: Recorded) -> None:
    decision, names = made
    for name in names.release.alternatives:
        found = why_not(decision, names, name)
        assert found["reason"]
        check(found, decision, names)


def test_each_kind_of_standing_in_words() -> None:
    decision, names = record(small(), {"deploy_targets": ["android"], "offline": True})
    told = {name: why_not(decision, names, name)["reason"] for name in "abcdefg"}
    assert told["a"].startswith(
        "For training, A is excluded: it fails phones. One changed answer would bring it back as"
    )
    assert told["b"] == "For training, B is first."
    assert why_not(decision, names, "b")["roles"]["training"]["tied_with_first"] is False
    assert told["c"].startswith("For training, C is 2nd, 12.5 points behind B: it loses most by “base” (16.7); it is")
    not_graded = "It is on file for training but not graded, so that it cannot be ranked."
    assert told["d"] == f"{not_graded} Its successor is B, 1st here for training."
    assert told["e"] == "It is on file for serving, which this decision does not rank."
    assert told["f"] == "It is no candidate for training or as a runtime: F, for tests."
    assert why_not(decision, names, "f")["plays"] == ["companion"]


def test_of_the_first_of_a_role_that_nobody_needs_that_is_said_too() -> None:
    decision, names = record(small(), {"deploy_targets": ["android"], "offline": True})
    decision["roles"]["training"]["without"] = {"needed_on": [], "unverified": [], "asked_by": []}
    assert why_not(decision, names, "b")["reason"] == "For training, B is first, though none is needed."


def test_a_tie_is_told_from_both_sides() -> None:
    for decision, role in tied():
        first, second, *_ = leaders(decision["roles"][role])
        one, other = (why_not(decision, shipped(), place["framework"]) for place in (first, second))
        assert f"{one['name']} is first, tied with {other['name']}" in one["reason"]
        assert f"{one['name']}, from which it cannot be told apart" in other["reason"]
        assert one["roles"][role]["tied_with_first"] is other["roles"][role]["tied_with_first"] is True
        for place in decision["roles"][role]["ranking"]:
            if place["tie_group"] > 1:
                assert why_not(decision, shipped(), place["framework"])["roles"][role]["tied_with_first"] is False


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidInput) as wrong:
        why_not(example(EXAMPLES[0]), shipped(), "pytroch")
    assert wrong.value.faults[0].nearest == "pytorch"


def test_waivers_facts_not_on_file_and_who_wants_it_are_in_the_reason() -> None:
    source, policy = waived()
    decision, names = record(under(source, policy), {}, roles=("training",))
    assert why_not(decision, names, "a")["reason"] == (
        "For training, A is first. Mind: it fails g (waived by acme until 2027-03-31)."
    )
    source, policy = waived(expires="2026-11-20")
    decision, names = record(under(source, policy), {}, roles=("training",))
    told = why_not(decision, names, "a")["reason"]
    assert told.endswith("No single changed answer lets it in. What acme waived for it expired on 2026-11-20.")
    assert "expired" not in why_not(decision, names, "b")["reason"]
    decision, names = record(wanted(), {}, roles=("training",), stated=TWO_PEOPLE)
    assert why_not(decision, names, "b")["reason"].endswith(" Bo alone would put it first.")
    source = wanted()
    source["gates"].append(gate("g", "alt.has.kernels"))
    decision, names = record(source, {}, roles=("training",))
    told = why_not(decision, names, "b")["reason"]
    assert told.endswith(" Not verified, for nothing is on file: Has kernels.")


def test_where_only_several_answers_taken_back_let_it_in_the_reason_says_which() -> None:
    facts = [alternative("a", has__kernels=False, run__android=1)]
    guards = [
        gate("phones", "alt.run.android >= 2", '"android" in deploy_targets'),
        gate("kernels", "alt.has.kernels", "offline"),
    ]
    source = document(facts, {"c": {"a": (3, 0.1)}}, [rule("base", {"c": 1})], guards)
    given_ = {"offline": True, "deploy_targets": ["android"]}
    decision, names = record(source, given_, roles=("training",))
    both = "taking back android from the answer to “deploy_targets” and the answer to “offline”"
    assert why_not(decision, names, "a")["reason"].endswith(f"It comes back after {both}.")
    assert line(decision, names)["training"].endswith(f"; {both} lets in A.")
