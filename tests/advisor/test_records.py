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
from advisor.records import blocks, html, kept, markdown, pdf, writing
from advisor.records.blocks import Bullets, Paragraph, Record, Section, Table, Verbatim, line
from rules.accounts.naming import points
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
ANSWERS = {
    "stage": "production",
    "need": ["train"],
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
    return recommend.answer(house, ANSWERS, hardware_from=PROFILE).id


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


def test_every_score_in_a_record_is_one_that_was_decided(house: House, decision: str) -> None:
    document, _ = questioning.opened(house, decision)
    text = records.record(house, decision).content.decode().partition("### Passport")[0]
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
        told |= {f"{100 * w['share']:.1f}" for w in document["changes"]["weights"]}
        told |= {f"{100 * w['share_after']:.1f}" for w in document["changes"]["weights"]}
    found = numbers(re.sub(r"(SHA-256|release on file is|Python|\(Oldest).*", "", text))
    assert len(found) > 10
    assert found <= told
    for place in document["roles"]["training"]["ranking"]:
        assert f"{points(place['score'])} points" in text


@pytest.mark.parametrize("form", FORMS)
def test_what_a_record_is_checked_by_comes_back(house: House, decision: str, form: records.Format) -> None:
    content = records.record(house, decision, form).content
    found = records.read(content)
    document = json.loads(recommend.find(house, decision))
    assert {key: found[key] for key in ("id", "passport", "created_at", "release")} == {
        key: document[key] for key in ("id", "passport", "created_at", "release")
    }
    assert found["inputs"]["answers"] == ANSWERS
    assert found["inputs"]["profile"]["label"] == PROFILE.label
    assert found["outcome"]["training"][0][0] == document["roles"]["training"]["ranking"][0]["framework"]
    assert records.still_holds(house, content)["holds"]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_decision_is_the_same_bytes(house: House, decision: str, form: records.Format) -> None:
    first = records.record(house, decision, form)
    assert records.record(house, decision, form) == first
    assert first.name == f"train-with-pytorch-and-run-with-litert.{form}" or first.name.endswith(f".{form}")


def test_a_page_needs_nothing_else_and_runs_nothing(house: House, decision: str) -> None:
    page = records.record(house, decision, "html").content.decode()
    assert not re.search(r"<script|<link|<img|@import|url\(|\son\w+=", page)
    assert page.count("<svg") >= 4
    assert page.count('role="img"') == page.count("<svg")


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
        ('"steelyard_record": 1', '"steelyard_record": 2'),
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
    monkeypatch.setattr(writing, "tools", lambda form: {"steelyard": "99"})
    found = records.still_holds(house, content)
    assert (found["altered"], found["holds"]) == (None, True)
    assert "another version" in found["said"][1]
