"""Records: MADR's form, nothing in them that was not decided, read back as they were written, and told when altered."""

import json
import re
import shutil
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor import knowledge, questioning, recommend, records
from advisor.documents import json_value
from advisor.house import House
from advisor.records import (
    appendix,
    blocks,
    consequences,
    grounds,
    html,
    kept,
    markdown,
    options,
    outcome,
    pdf,
    writing,
)
from advisor.records.blocks import Bullets, Paragraph, Record, Section, Table, Verbatim, line
from rules.accounts.naming import LEAST, gaps, leaders, listed, percent, points, signed
from rules.accounts.parts import by_criterion
from rules.accounts.summary import spares
from rules.decision import ENGINE
from rules.faults import InvalidInput
from storage.errors import Missing
from tests.conftest import PROFILE

# The headings of MADR 4.0.0, template/adr-template.md, in their order.
MADR = [
    "## Context and Problem Statement",
    "## Decision Drivers",
    "## Considered Options",
    "## Decision Outcome",
    "### Consequences",
    "### Confirmation",
    "## Pros and Cons of the Options",
    "## More Information",
]
APPENDIX = [False, True]
NAME = "Bread | counter #1"
ANSWERS = {
    "stage": "production",
    "need": ["train"],
    "team_size": None,
    "existing_code": ["tensorflow"],
    "deploy_targets": ["android"],
    "priorities": ["longevity", "debugging"],
    "latency_ms": 20,
}
HOSTILE = [
    "# h",
    "* a",
    "<script>alert(1)</script>",
    "| a | b |",
    "a\nb",
    "\\",
    "```",
    "---",
    "[a](b)",
    "#let x = 1",
    '"#"',
]
TEXTS = st.lists(st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE)).map("x{}".format), min_size=3, max_size=3)
FORMS: list[records.Format] = ["md", "html", "pdf"]


@pytest.fixture
def decision(house: House) -> str:
    return recommend.answer(house, ANSWERS, hardware_from=PROFILE, name=NAME).id


def lines(record: bytes) -> list[str]:
    return record.decode().splitlines()


def test_a_record_has_the_form_of_madr(house: House, decision: str) -> None:
    text = records.record(house, decision).content.decode()
    _, front, body = text.split("---\n", 2)
    assert yaml.safe_load(front) == {"status": "proposed", "date": yaml.safe_load("2026-11-21"), "decision-makers": []}
    headings = [row for row in body.splitlines() if row.startswith("#")]
    assert headings[0].startswith("# ")
    assert [row for row in headings if row in MADR] == MADR
    assert body.partition("## Decision Outcome\n\n")[2].startswith("Chosen option: “")
    consequences = body.partition("### Consequences\n\n")[2].partition("\n#")[0]
    assert re.findall(r"^- (\w+), because ", consequences, re.MULTILINE)
    assert all(re.match(r"- (Good|Neutral|Bad), because |  ", row) for row in consequences.splitlines() if row)
    assert max(len(row) for row in body.splitlines() if row[:1] not in ("|", " ", '"', "{", "#")) <= 100


def numbers(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w.-])\d+\.\d(?![\w.])", text))


def test_a_record_is_titled_by_its_project_or_by_what_the_answers_say(house: House, decision: str) -> None:
    titled = records.record(house, decision)
    assert "\n# Which ML framework for Bread | counter #1\n" in titled.content.decode().replace("\\", "")
    assert titled.name == "which-ml-framework-for-bread-counter-1.md"
    for answers, title in (
        ({}, "Which ML framework"),
        ({"stage": "production"}, "Which ML framework: production"),
        ({"deploy_targets": ["android", "browser"]}, "Which ML framework: on Android and web browser"),
        ({"stage": "research", "deploy_targets": "android"}, "Which ML framework: research, on Android"),
    ):
        given = recommend.answer(house, answers).id
        assert f"\n# {title}\n" in records.record(house, given).content.decode()


def test_the_name_is_part_of_what_is_checked(house: House, decision: str) -> None:
    document, _ = questioning.opened(house, decision)
    assert document["name"] == NAME
    other = recommend.answer(house, ANSWERS, hardware_from=PROFILE, name="Another").id
    assert other != decision
    assert questioning.opened(house, other)[0]["roles"] == document["roles"]
    text = records.record(house, other).content.decode()
    for found, instead in (("# Which ML framework for Another", "# Which ML framework for B"), ('"Another"', '"B"')):
        assert found in text
        assert records.still_holds(house, text.replace(found, instead).encode())["altered"] is True


def test_an_answer_of_none_is_told_as_one(house: House) -> None:
    answers = {**ANSWERS, "known_frameworks": [], "serving_features": ["embedded_no_server"]}
    text = " ".join(
        records.record(house, recommend.answer(house, answers, hardware_from=PROFILE).id).content.decode().split()
    )
    label = house.knowledge().release.questionnaire.questions["known_frameworks"].label or "known_frameworks"
    assert f"{label}: none so far" in text
    assert "- **Deployment**: no model server " in text


def test_what_was_asked_and_is_not_known_is_told(house: House, decision: str) -> None:
    document, _ = questioning.opened(house, decision)
    assert document["not_known"] == ["team_size"]
    assert "- **Asked, and not known**: " in records.record(house, decision).content.decode()
    text = records.record(house, decision, appendix=True).content.decode()
    assert re.search(r"^\| .* \| don’t know \| asked \|$", text, re.MULTILINE)
    known = {question: given for question, given in ANSWERS.items() if given is not None}
    assert recommend.answer(house, known, hardware_from=PROFILE, name=NAME).id != decision


def test_what_nobody_knows_and_the_hardware_tells_is_known(house: House) -> None:
    given = recommend.answer(house, {"need": ["train"], "train_hardware": None}, hardware_from=PROFILE).id
    document, _ = questioning.opened(house, given)
    assert document["not_known"] == ["train_hardware"]
    assert "train_hardware" in document["hardware"]["filled"]
    assert "not known" not in records.record(house, given).content.decode().partition("### Passport")[0]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 201, 3, ["a"], "\x00"])
def test_a_name_that_is_none_is_refused(house: House, name: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        recommend.answer(house, ANSWERS, name=name)
    assert [fault.path for fault in refused.value.faults] == ["name"]


def test_a_record_is_short_and_its_appendix_holds_the_rest(house: House, decision: str) -> None:
    short, whole = (records.record(house, decision, appendix=each).content.decode() for each in APPENDIX)
    assert "## Appendix" not in short
    assert "## Appendix" in whole
    of_short, of_whole = (text.partition("## Re-verify")[0].splitlines() for text in (short, whole))
    assert of_whole[: len(of_short)] == of_short
    assert not re.search("^### .*\n\n#", whole, re.MULTILINE)  # under a heading stands something
    document, names = questioning.opened(house, decision)
    for result in document["roles"].values():
        for entry in result["excluded"]:
            assert f"| {names.framework(entry['framework'])} |" in whole
        for rule in result["rules"]:
            assert rule["text"] in whole


def test_one_option_is_chosen_for_each_role_and_what_is_level_is_said(house: House, decision: str) -> None:
    document, names = questioning.opened(house, decision)
    text = " ".join(records.record(house, decision).content.decode().split())
    chosen = text.partition("Chosen option: “")[2].partition("”")[0]
    assert " or " not in chosen
    for result in document["roles"].values():
        first, *level = leaders(result)
        assert names.framework(first["framework"]) in chosen
        if level:
            assert f"level with {listed([names.framework(place['framework']) for place in level])}:" in text


def test_a_tie_names_one_and_says_what_decides(house: House) -> None:
    """Of two that are level the record names the first, with the rules that speak for either."""
    document, names = questioning.opened(house, recommend.answer(house, {"need": ["train"]}).id)
    ranking = document["roles"]["training"]["ranking"]
    for place in ranking:
        place["tie_group"] = 1
    one, other = ranking[:2]
    said = outcome._because(document, names, "training")
    first, second = names.framework(one["framework"]), names.framework(other["framework"])
    assert said.startswith(f"{first} ")
    assert f"level with {second}" in said
    for a, b in ((one, other), (other, one)):
        told = outcome._decides(names, a, b)
        for lead, behind in ((a, b), (b, a)):
            gap, reason = gaps(lead, behind)[0]
            speaks = f"“{reason['text']}” ({signed(gap)}) speaks for {names.framework(lead['framework'])}"
            assert (speaks in told) == (gap >= LEAST)
    assert outcome._decides(names, one, other) in said
    chosen = outcome.outcome(document, names)[0]
    assert isinstance(chosen, Paragraph)
    assert chosen.line[0].text.startswith(f"Chosen option: “Train with {first}")
    assert second not in chosen.line[0].text.partition("”")[0]
    other["score"] = one["score"]
    other["reasons"] = one["reasons"]
    same = outcome._because(document, names, "training")
    assert "scores the same" in same
    assert "No rule sets them apart" in same


def test_rules_of_what_is_ranked_alone_are_told_by_how_far_they_are_met(house: House, decision: str) -> None:
    document, names = questioning.opened(house, decision)
    result = document["roles"]["training"]
    result["ranking"] = result["ranking"][:1]
    _, _, table, *_ = appendix._rules(document, names)
    assert isinstance(table, Table)
    assert table.head[2].endswith(" meets it to")
    met = {reason["text"]: percent(reason["opinion"]) for reason in result["ranking"][0]["reasons"]}
    assert all(met[row[0][0].text.strip("“”")] == row[2][0].text for row in table.rows)


def test_columns_of_short_texts_are_as_wide_as_these_and_one_takes_the_rest() -> None:
    long, short = line("a" * 60), line("a" * 5)
    narrow = Table(("One", "Two"), ((short, short),), 2)
    assert pdf._columns(Table(("One", "Two", "T" * 30), ((short, long, short),), 3)) == [0, 7.75, 5.48]
    assert [share > 0 for share in pdf._columns(narrow)] == [True, True]


def test_what_is_set_beside_the_chosen_runtime_is_set_beside_that_of_the_way(house: House) -> None:
    answers = {"need": ["train"], "deploy_targets": ["server_cpu"], "stage": "production"}
    document, names = questioning.opened(house, recommend.answer(house, answers).id)
    ranking = document["roles"]["runtime"]["ranking"]
    document["roles"]["runtime"]["without"] = None
    last = ranking[-1]["framework"]
    document["stack"][0]["path"] = [{"from": "pytorch", "to": last}, {"from": last, "to": "server_cpu"}]
    (rival,) = (each for each in options.beside(document, names) if "as a runtime" in each.title)
    assert rival.title.startswith(names.framework(ranking[0]["framework"]))
    assert f"of {names.framework(last)}" in str(rival)


def test_a_runtime_that_nobody_needs_is_an_option_beside_the_chosen(house: House) -> None:
    said = recommend.answer(house, {"need": ["train"], "deploy_targets": ["server_cpu"], "stage": "research"})
    document, names = questioning.opened(house, said.id)
    first = names.framework(document["roles"]["runtime"]["ranking"][0]["framework"])
    assert spares(document["roles"]["runtime"])
    (option,) = (each for each in options.beside(document, names) if "as a runtime" in each.title)
    assert option.title == f"{first} as a runtime (none is needed)"
    carrying = records.record(house, said.id).content.decode().partition("### Evidence that carries it")[2]
    assert f"| {first} |" not in carrying.partition("###")[0]


def test_consequences_say_what_is_gained_and_what_is_paid(house: House, decision: str) -> None:
    document, names = questioning.opened(house, decision)
    text = " ".join(records.record(house, decision).content.decode().partition("### Consequences")[2].split())
    text = text.partition("### Confirmation")[0]
    order = [text.find(f"- {word}, because") for word in ("Good", "Neutral", "Bad")]
    assert [at for at in order if at >= 0] == sorted(at for at in order if at >= 0)
    result = document["roles"]["training"]
    first = result["ranking"][0]["framework"]
    parts = by_criterion(result)[first]
    low = min(parts, key=lambda criterion: (parts[criterion], criterion))
    trifles = [part for part in re.findall(r"[+−](\d+\.\d)", text) if float(part) < 1]
    assert not trifles
    if parts[low] <= -consequences.WORTH_TELLING:
        assert f"is weaker than the average of the ranked for training in {names.inside(low)}" in text
    moves = f"it has to be moved to {names.framework(first)}"
    assert (moves in text) == (first != "tensorflow")
    assert ("the present code depends on TensorFlow already" in text) == (first == "tensorflow")


@pytest.mark.parametrize("held", ["known_frameworks", "existing_code"])
def test_what_it_takes_to_move_is_told(house: House, held: str) -> None:
    document, names = questioning.opened(house, recommend.answer(house, {"need": ["train"]}).id)
    first, other = (place["framework"] for place in document["roles"]["training"]["ranking"][:2])
    words = {
        "known_frameworks": ("the team knows {}", "the team has to learn {}"),
        "existing_code": ("the present code depends on {} already", "it has to be moved to {}"),
    }[held]
    for named, how, said in (([first, other], "Good", words[0]), ([other], "Bad", words[1])):
        told = list(consequences._moving({**document, "answers": {held: named}}, names, "training"))
        assert [each for each, _ in told] == [how]
        assert said.format(names.framework(first)) in told[0][1]
    assert not list(consequences._moving({**document, "answers": {held: ["litert"]}}, names, "training"))


def test_a_record_of_the_first_form_is_read(house: House, decision: str) -> None:
    """Which had no name, always an appendix, and an older engine."""
    text = records.record(house, decision).content.decode()
    text = text.replace('"steelyard_record": 2', '"steelyard_record": 1').replace(f',"name":"{NAME}"', "")
    text = text.replace(',\n "appendix": false', "").replace(f'"engine": "{ENGINE}"', '"engine": "4"')
    assert records.read(text.encode())["appendix"] is True
    found = records.still_holds(house, text.encode())
    assert (found["same"], found["altered"], found["holds"]) == (None, None, True)
    for changed in (text.replace('"tools"', '"appendix": true, "tools"'), text.replace('record": 1', 'record": true')):
        with pytest.raises(InvalidInput):
            records.read(changed.encode())


def test_every_score_in_a_record_is_one_that_was_decided(house: House, decision: str) -> None:
    document, names = questioning.opened(house, decision)
    text = records.record(house, decision, appendix=True).content.decode()
    text = re.sub(r"### Passport.*?## Appendix", "", text, flags=re.DOTALL).partition("## Re-verify")[0]
    told = set()
    for result in document["roles"].values():
        told |= {points(abs(a["score"] - b["score"])) for a in result["ranking"] for b in result["ranking"]}
        told |= {points(share) for place in result["ranking"] for share in (place["score"], *place["interval"])}
        said = {
            place["framework"]: {r["rule"]: r["contribution"] for r in place["reasons"]} for place in result["ranking"]
        }
        for mine in said.values():
            told |= {points(abs(each)) for each in mine.values()}
            told |= {points(abs(each - other[rule])) for other in said.values() for rule, each in mine.items()}
            order = sorted(mine.values())
            told |= {points(abs(sum(order[a:b]))) for a in range(len(order)) for b in range(a + 1, len(order) + 1)}
            for other in said.values():
                order = sorted(each - other[rule] for rule, each in mine.items())
                told |= {points(abs(sum(order[a:b]))) for a in range(len(order)) for b in range(a + 1, len(order) + 1)}
        parts = by_criterion(result)
        told |= {points(abs(each)) for mine in parts.values() for each in mine.values()}
        told |= {points(a[c] - b[c]) for a in parts.values() for b in parts.values() for c in a}
        moved = grounds._together(result, names, result["ranking"][0]["framework"])
        told |= {points(by) for _, by in moved}
        told |= {f"{100 * w['share']:.1f}" for w in document["changes"]["weights"]}
        told |= {f"{100 * w['share_after']:.1f}" for w in document["changes"]["weights"]}
    found = numbers(re.sub(r"(SHA-256|in active development|\(\d[\d.]* of|Python|\(Oldest).*", "", text))
    assert len(found) > 10
    assert found <= told
    for place in document["roles"]["training"]["ranking"]:
        assert f"{points(place['score'])} points" in text


@pytest.mark.parametrize("appendix", APPENDIX)
@pytest.mark.parametrize("form", FORMS)
def test_what_a_record_is_checked_by_comes_back(
    house: House, decision: str, form: records.Format, appendix: bool
) -> None:
    content = records.record(house, decision, form, appendix=appendix).content
    found = records.read(content)
    document = json.loads(recommend.find(house, decision))
    assert {key: found[key] for key in ("id", "passport", "created_at", "release")} == {
        key: document[key] for key in ("id", "passport", "created_at", "release")
    }
    assert found["inputs"]["answers"] == ANSWERS
    assert found["inputs"]["profile"]["label"] == PROFILE.label
    assert found["outcome"]["training"][0][0] == document["roles"]["training"]["ranking"][0]["framework"]
    assert (found["inputs"]["name"], found["appendix"]) == (NAME, appendix)
    holding = records.still_holds(house, content)
    assert (holding["holds"], holding["altered"]) == (True, False)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_decision_is_the_same_bytes(house: House, decision: str, form: records.Format) -> None:
    first = records.record(house, decision, form)
    assert records.record(house, decision, form) == first
    assert first.name == f"which-ml-framework-for-bread-counter-1.{form}"


def test_a_page_needs_nothing_else_and_runs_nothing(house: House, decision: str) -> None:
    page = records.record(house, decision, "html", appendix=True).content.decode()
    assert not re.search(r"<script|<link|<img|@import|url\(|\son\w+=", page)
    assert page.count("<svg") >= 4
    assert page.count('role="img"') == page.count("<svg")
    short = records.record(house, decision, "html").content.decode()
    assert not re.search(r"<script|<link|<img|<svg|@import|url\(|\son\w+=", short)
    assert records.read(short.encode())["tools"].keys() == {"steelyard"}


def altered(content: bytes) -> Iterator[bytes]:
    """A Markdown record with one digit of its ranking, its outcome and its inputs changed."""
    text = content.decode()
    yield re.sub(r"(\d)(\.\d points, )", lambda m: f"{(int(m[1]) + 1) % 10}{m[2]}", text, count=1).encode()
    yield re.sub(r"(by \d+)\.(\d) points", lambda m: f"{m[1]}.{(int(m[2]) + 1) % 10} points", text, count=1).encode()
    yield text.replace('"latency_ms":20', '"latency_ms":21').encode()
    yield text.replace("2026-11-21T12:00:00", "2026-11-21T12:00:01").encode()
    yield re.sub(
        r'("outcome": .*?,0\.\d*?)(\d)(,)', lambda m: f"{m[1]}{(int(m[2]) + 1) % 10}{m[3]}", text, count=1
    ).encode()


def test_one_altered_digit_is_told(house: House, decision: str) -> None:
    content = records.record(house, decision).content
    for each in altered(content):
        assert each != content
        found = records.still_holds(house, each)
        assert (found["holds"], found["altered"]) == (False, True)
        assert "altered" in found["said"][1]


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_an_altered_file_is_told(house: House, decision: str, form: records.Format) -> None:
    content = records.record(house, decision, form).content
    changed = content.replace(b"proposed", b"accepted", 1) if form == "html" else content + b"\n"
    assert records.still_holds(house, changed)["altered"] is True
    assert not records.still_holds(house, changed)["holds"]


def test_a_team_may_add_to_a_record(house: House, decision: str) -> None:
    text = records.record(house, decision).content.decode()
    text = text.replace("status: proposed", "status: accepted").replace("decision-makers: []", "decision-makers: [Ann]")
    text = text.replace("### Confirmation", "We tried both.\n\n### Confirmation").replace("\n", "\r\n")
    found = records.still_holds(house, text.encode())
    assert (found["holds"], found["altered"], found["added_lines"]) == (True, False, 1)
    gone = records.still_holds(house, text.replace("### Consequences", "### Effects").encode())
    assert (gone["holds"], gone["altered_lines"]) == (False, ["### Consequences"])


def newer(folder: Path, to: Path, archived: str) -> Path:
    """A pack as in the folder, in which a framework is archived."""
    shutil.copytree(folder, to)
    path = to / "frameworks" / f"{archived}.yaml"
    path.write_text(path.read_text().replace("state: active", "state: archived"))
    gates = to / "gates" / "all.yaml"
    gates.write_text(
        gates.read_text().replace("passes: [{alternative: pytorch}]", "passes: [{alternative: tensorflow}]")
    )
    return to


@pytest.mark.parametrize("archived", ["pytorch", "jax"])
def test_newer_knowledge_is_told_of(
    house: House, decision: str, small_pack_folder: Path, tmp_path: Path, archived: str
) -> None:
    content = records.record(house, decision).content
    assert records.still_holds(house, content)["today"] is None
    knowledge.publish(house, newer(small_pack_folder, tmp_path / "newer", archived))
    found = records.still_holds(house, content)
    said = " ".join(found["said"])
    assert (found["same"], found["altered"]) == (True, False)
    assert "the same, byte for byte" in said
    assert f"From the active release {house.knowledge().release.id}:" in said
    assert "What differs: " in said
    assert f"{'PyTorch' if archived == 'pytorch' else 'JAX'} is excluded now." in said
    training = found["today"]["roles"]["training"]
    assert found["holds"] == training["still"] == (archived not in training["before"])
    assert "For training, " in said
    assert ("PyTorch was first" in said) != found["holds"]
    assert records.still_holds(house, decision)["said"] == found["said"]


def test_a_record_from_elsewhere_is_answered_from_the_active_release(
    house: House, decision: str, small_pack_folder: Path, tmp_path: Path
) -> None:
    text = records.record(house, decision).content.decode()
    release = house.knowledge().release.id
    found = records.still_holds(house, text.replace(release, "2020-01-01-000000000000").encode())
    assert (found["same"], found["altered"]) == (None, None)
    assert "its release 2020-01-01-000000000000 is not on file here" in found["said"][1]
    assert "still first" in " ".join(found["said"])
    assert found["today"]["difference"] is None


def test_a_record_of_another_engine_is_answered_anew(house: House, decision: str) -> None:
    text = records.record(house, decision).content.decode()
    found = records.still_holds(house, text.replace(f'"engine": "{ENGINE}"', '"engine": "2"').encode())
    assert (found["same"], found["altered"], found["holds"]) == (None, None, True)
    assert f"it was made by engine 2, and this one is engine {ENGINE}" in found["said"][1]
    assert "still first" in " ".join(found["said"])


def test_a_decision_document_is_checked_too(house: House, decision: str) -> None:
    text = recommend.find(house, decision)
    assert records.still_holds(house, text.encode())["holds"]
    changed = json.loads(text)
    changed["roles"]["training"]["ranking"][0]["score"] = 0.5
    found = records.still_holds(house, json.dumps(changed).encode())
    assert (found["holds"], found["altered"]) == (False, True)
    assert found["differences"] == ["roles.training.ranking[0].score"]
    changed["id"] = "d-elsewhere"
    with pytest.raises(InvalidInput, match="hardware profile"):
        records.still_holds(house, json.dumps(changed).encode())


def test_what_nobody_recorded_is_missing(house: House) -> None:
    with pytest.raises(Missing):
        records.still_holds(house, "d-000000000000000000000000")
    with pytest.raises(Missing):
        records.record(house, "d-000000000000000000000000")


def test_nothing_left_is_recorded_as_that(house: House) -> None:
    given = recommend.answer(house, {"deploy_targets": ["microcontroller"], "need": ["train"]}).id
    document, _ = questioning.opened(house, given)
    for form in FORMS:
        assert records.read(records.record(house, given, form).content)["id"] == given
    if not any(result["ranking"] for result in document["roles"].values()):
        assert "Chosen option: none, because " in records.record(house, given).content.decode()


# --- What is hostile -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_mark_breaks_markdown_or_html(hostile: str) -> None:
    whole(["x" + hostile] * 3)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_markdown_or_html(texts: list[str]) -> None:
    whole(texts)


def whole(texts: list[str]) -> None:
    """A record with these texts has the structure of one with plain texts."""
    record = made(texts)
    rows = markdown.markdown(record).splitlines()
    plain = markdown.markdown(made(["a", "b", "c"])).splitlines()
    fence = [at for at, row in enumerate(rows) if row.startswith("```")]
    assert len(fence) == 2
    assert [row for row in rows if re.match(r"#{1,6}\s", row)][1:] == ["## Context", "### More"]
    assert sum(row.startswith("| ") for row in rows) == sum(row.startswith("| ") for row in plain)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows if row.startswith("| "))
    assert yaml.safe_load("\n".join(rows[1 : rows.index("---", 1)]))["consulted"] == [markdown.shown(texts[0])]
    pages = [html.html(each) for each in (record, made(["a", "b", "c"]))]
    tags, wanted = ([tag for tag in re.findall(r"<(/?[a-z0-9]+)", page) if tag not in ("a", "/a")] for page in pages)
    assert tags == wanted  # an address that is none leads nowhere


@given(TEXTS)
@settings(max_examples=15, deadline=None)
def test_no_text_breaks_a_pdf(texts: list[str]) -> None:
    assert pdf.pdf(made(texts), "{}").startswith(b"%PDF-1.")


def test_the_fonts_have_every_character_that_is_kept() -> None:
    every = "".join(chr(point) for low, high in pdf._HAD for point in range(low, high + 1) if pdf._had(chr(point)))
    assert pdf.pdf(made([every, every, every]), "{}")


def made(texts: list[str]) -> Record:
    """A small record with texts of all kinds at all places."""
    a, b, c = texts
    parts = line(a, " ", blocks.strong(b), " ", blocks.code(c), " ", blocks.link(a, f"https://example.org/{b}"))
    table = Table(("One", "Two"), ((line(a), line(b)), (parts, line(c))), 1)
    sections = (
        Section(2, "Context", (Paragraph(parts), Bullets((parts, line(c))), table)),
        Section(3, "More", (Verbatim("{}"),)),
    )
    return Record("d-0", "2026-11-21", a, (a,), sections)


@given(st.binary(max_size=300))
def test_bytes_that_are_no_record_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        records.read(content)
    with pytest.raises(InvalidInput):
        records.read(b"%PDF-1.7\nstream\n" + content)


@pytest.mark.parametrize(
    "content",
    [
        b'{\n "steelyard_record": \n' * 100_000,  # begins that nothing ends
        b"%PDF-" + b"stream\n" * 9_000 + b"x" * 15_000_000,
        b"%PDF-" + (b"stream\n" + zlib.compress(b'{\n "steelyard_record": ' + b" " * 2_000_000)) * 1_000,
    ],
    ids=["begins", "streams", "inflating"],
)
def test_a_file_made_to_cost_much_is_refused_at_once(content: bytes) -> None:
    assert len(content) < kept.MAX_BYTES
    tracemalloc.start()
    with pytest.raises(InvalidInput):
        records.read(content)
    assert tracemalloc.get_traced_memory()[1] < 2**26
    tracemalloc.stop()


def test_a_record_is_read_strictly(house: House, decision: str) -> None:
    text = records.record(house, decision).content.decode()
    whole = re.search(r"^\{$.*?^\}$", text, re.MULTILINE | re.DOTALL)
    assert whole
    for found, other in (
        ('"steelyard_record": 2', '"steelyard_record": 3'),
        ('"steelyard_record": 2', '"steelyard_record": 1'),
        ('"steelyard_record": 2', '"steelyard_record": true'),
        ('"appendix": false', '"appendix": 0'),
        ('"id": "d-', '"id": "e-'),
        (f'"id": "{decision}"', '"id": "d-000000000000000000000000"'),
        (f'"engine": "{ENGINE}"', '"engine": 3'),
        ('"tools": {', '"more": 1, "tools": {'),
        ('"draws":0', '"draws":0,"draws":1'),
        ('"outcome": {"training":[[', '"outcome": {"training":[[1,'),
    ):
        assert found in text
        with pytest.raises(InvalidInput):
            records.read(text.replace(found, other, 1).encode())
    with pytest.raises(InvalidInput, match="several"):
        records.read((text + "\n" + whole[0]).encode())
    with pytest.raises(InvalidInput):
        records.read(text.encode() + b" " * kept.MAX_BYTES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=6), part, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every part of a value stands."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*path, key)
        yield from places(part, (*path, key))


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_record_says_is_answered_or_refused(house: House, decision: str, data: st.DataObject) -> None:
    """Nothing in a file leads to another error than one that names its faults."""
    text = records.record(house, decision).content.decode()
    whole = re.search(r"^\{$.*?^\}$", text, re.MULTILINE | re.DOTALL)
    assert whole
    said = json.loads(whole[0])
    *way, last = data.draw(st.sampled_from(list(places(said))))
    part = said
    for key in way:
        part = part[key]
    part[last] = data.draw(JSON)
    rows = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in said.items())
    with suppress(InvalidInput):
        assert records.still_holds(house, f"{{\n{rows}\n}}".encode())["said"]


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_decision_document_says_is_answered_or_refused(
    house: House, decision: str, data: st.DataObject
) -> None:
    said = questioning.opened(house, decision)[0]
    *way, last = data.draw(st.sampled_from([place for place in places(said) if len(place) < 5]))
    part: Any = said
    for key in way:
        part = part[key]
    if data.draw(st.booleans()):
        del part[last]
    else:
        part[last] = data.draw(JSON)
    with suppress(InvalidInput, Missing):
        assert records.still_holds(house, json.dumps(said).encode())["said"]


@pytest.mark.parametrize("roles", [{"training": None}, {"training": {}}, {"training": {"ranking": [1]}}])
def test_a_document_that_is_no_decision_is_refused(house: House, decision: str, roles: object) -> None:
    said = {**questioning.opened(house, decision)[0], "roles": roles}
    with pytest.raises(InvalidInput):
        records.still_holds(house, json.dumps(said).encode())


def test_inputs_that_cannot_be_are_refused_with_their_faults(house: House, decision: str) -> None:
    text = records.record(house, decision).content.decode()
    with pytest.raises(InvalidInput) as refused:
        records.still_holds(house, text.replace('"stage":"production"', '"stage":"prodution"').encode())
    assert refused.value.faults[0].nearest == "production"


def test_what_is_kept_holds_no_mark_of_any_form() -> None:
    document: dict[str, Any] = {
        **dict.fromkeys(("id", "passport", "created_at", "engine", "release", "signature")),
        "roles": {},
    }
    text = kept.sealed(document, {"answers": "</pre>```&`<!--"}, {"steelyard": "1"})
    assert not set("<>&`") & set(text)
    assert json_value(text, "kept")["inputs"] == {"answers": "</pre>```&`<!--"}


def test_another_version_of_the_tools_is_told(house: House, decision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = records.record(house, decision).content
    monkeypatch.setattr(writing, "tools", lambda form, *, appendix: {"steelyard": "99"})
    found = records.still_holds(house, content)
    assert (found["altered"], found["holds"]) == (None, True)
    assert "another version" in found["said"][1]


def test_another_answer_keeps_the_name_and_what_is_not_known(house: House, decision: str) -> None:
    """What is taken back by another decision was not asked anew: it is left out, not unknown."""
    tried = questioning.what_if(house, decision, {"latency_ms": None, "stage": "research"})["decision"]
    assert (tried["name"], tried["not_known"]) == (NAME, ["team_size"])
    again, _ = questioning.opened(house, recommend.again(house, decision, {"latency_ms": None, "stage": "research"}).id)
    assert (again["name"], again["not_known"]) == (NAME, ["team_size"])
    assert "latency_ms" not in again["answers"]
    for what in (recommend.again, questioning.what_if):
        with pytest.raises(InvalidInput):
            what(house, decision, {"latency": None})
    answered = questioning.what_if(house, decision, {"team_size": 3})["decision"]
    assert answered["not_known"] == []


def rows_of(block: blocks.Block) -> tuple[blocks.Line, ...]:
    assert isinstance(block, Bullets)
    return block.lines


def test_what_is_not_known_is_told_to_change_nothing_only_where_that_was_tried(house: House, decision: str) -> None:
    document, names = questioning.opened(house, decision)
    told = "What was asked and is not known would change no first place"

    def said(**changes: object) -> bool:
        blocks_of = grounds._changes({**document, "changes": {**document["changes"], **changes}}, names)
        return any(told in part.text for block in blocks_of for row in rows_of(block) for part in row)

    everywhere = {role: ["team_size"] for role in document["roles"]}
    assert said(settled=everywhere)
    assert not said(settled={**everywhere, "training": ["latency_ms"]})
    assert not said(settled={})
    could = {"role": "training", "question": "team_size", "answers": 3, "winners": {"jax": 1}}
    found = grounds._changes({**document, "changes": {**document["changes"], "unknown": [could]}}, names)
    text = " ".join(part.text for block in found for row in rows_of(block) for part in row)
    assert f"“{names.question('team_size')}”: 1 of 3 answers would put JAX first" in text
    many = [{**could, "question": q} for q in ("stage", "task", "modality", "offline", "cloud")]
    asked = {**document, "not_known": [each["question"] for each in many]}
    found = grounds._changes({**asked, "changes": {**document["changes"], "unknown": many}}, names)
    texts = ["".join(part.text for part in row) for block in found for row in rows_of(block)]
    assert sum("sked and not known is" in text for text in texts) == 4  # the likeliest, and three
    assert sum("able to change it too" in text for text in texts) == 1
