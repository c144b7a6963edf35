"""A pack with mistakes is refused, and every mistake is told at once with its file, line and column."""

from pathlib import Path
from typing import NamedTuple

import pytest

from knowledge_base import lint, pack
from rules.faults import InvalidInput
from tests.knowledge_base.conftest import Edits, Plant, faults_of

PYTORCH, LITERT, CAFFE = "frameworks/pytorch.yaml", "frameworks/litert.yaml", "frameworks/caffe.yaml"
RULES, GATES, CRITERIA = "rules/all.yaml", "gates/all.yaml", "criteria.yaml"
EVIDENCE, SOURCES, PATHS = "evidence/all.yaml", "sources/all.yaml", "paths/all.yaml"
QUESTIONS = "questions.yaml"
RULE = (
    "{id: new, text: A rule, roles: [training], when: offline, weights: {debugging: 1}, argument: Tests., evidence: []"
)
BEGINNER = """'team_experience == "beginner"'"""


class Mistake(NamedTuple):
    """What is planted, the text at whose place it must be told, a part of the message, and the nearest valid name."""

    name: str
    edits: Edits
    file: str
    anchor: str
    says: str
    nearest: str | None = None


def place(folder: Path, file: str, anchor: str) -> str:
    """`file:line:column` of a text that stands once in a file."""
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(anchor) == 1, f"{anchor!r} stands {text.count(anchor)} times in {file}"
    before = text[: text.index(anchor)]
    return f"{file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def test_the_small_pack_has_no_faults(plant: Plant) -> None:
    assert lint.lint(pack.load(plant({}))) == []


IN_ONE_ENTRY = [
    Mistake(
        "unknown key", {PYTORCH: ("licence:", "license: x\nlicence:")}, PYTORCH, "x\nlicence", "license", "licence"
    ),
    Mistake("missing key", {PYTORCH: ("name: PyTorch\n", "")}, PYTORCH, "id: pytorch", "name"),
    Mistake("unknown key inside", {PYTORCH: ("{state:", "{sinse: x, state:")}, PYTORCH, "x, state", "sinse", "since"),
    Mistake(
        "unknown key deep inside",
        {PYTORCH: ('{value: "3.14",', '{value: "3.14", notes: x,')},
        PYTORCH,
        "x, evidence",
        "notes",
        "note",
    ),
    Mistake("unknown state", {PYTORCH: ("state: active", "state: alive")}, PYTORCH, "alive", "'alive'"),
    Mistake("number for text", {PYTORCH: ('version: "1.0"', "version: 1.0")}, PYTORCH, "1.0", "1.0"),
    Mistake("text for flag", {PYTORCH: ("graded: true", 'graded: "yes"')}, PYTORCH, '"yes"', "'yes'"),
    Mistake("bad id", {PYTORCH: ("id: pytorch", "id: PyTorch!")}, PYTORCH, "PyTorch!", "PyTorch!"),
    Mistake("no roles", {PYTORCH: ("roles: [training]", "roles: []")}, PYTORCH, "[]", "roles"),
    Mistake("unknown role", {PYTORCH: ("roles: [training]", "roles: [trainer]")}, PYTORCH, "trainer", "trainer"),
    Mistake("grade too high", {EVIDENCE: ("pytorch, level: 4}", "pytorch, level: 7}")}, EVIDENCE, "7}", "7"),
    Mistake("grade not a number", {EVIDENCE: ("pytorch, level: 4}", "pytorch, level: .nan}")}, EVIDENCE, ".nan", "nan"),
    Mistake(
        "verdict without argument",
        {EVIDENCE: ("  verdict_note: The package has grown since.\n", "")},
        EVIDENCE,
        "id: blog-small",
        "verdict_note",
    ),
    Mistake("no such month", {EVIDENCE: ('as_of: "2025-06"', 'as_of: "2025-13"')}, EVIDENCE, '"2025-13"', "2025-13"),
    Mistake("no such day", {EVIDENCE: ('as_of: "2025-06"', 'as_of: "2025-06-31"')}, EVIDENCE, '"2025-06-31"', "06-31"),
    Mistake("weight of zero", {RULES: ("{reach.android: 3}", "{reach.android: 0}")}, RULES, "0}", "0"),
    Mistake("weight not a number", {RULES: ("{reach.android: 3}", "{reach.android: .nan}")}, RULES, ".nan", "nan"),
    Mistake("strength", {RULES: ("  rank_of:", "  strength: 1.5\n  rank_of:")}, RULES, "1.5", "1.5"),
    Mistake("prior too wide", {"pack.yaml": ("prior_sd: 1.0", "prior_sd: 9.0")}, "pack.yaml", "9.0", "9.0"),
    Mistake("reliability above one", {"pack.yaml": ("survey: 0.8", "survey: 1.8")}, "pack.yaml", "1.8", "1.8"),
    Mistake("reliability not a number", {"pack.yaml": ("survey: 0.8", "survey: .nan")}, "pack.yaml", ".nan", "nan"),
    Mistake("negative factor", {"pack.yaml": ("contested: 0.4", "contested: -0.4")}, "pack.yaml", "-0.4", "-0.4"),
    Mistake("negative difference", {"pack.yaml": ("clearly: 1.0", "clearly: -1.0")}, "pack.yaml", "-1.0", "-1.0"),
    Mistake("derived off the scale", {CRITERIA: ("3.0, 4.0]", "3.0, 40.0]")}, CRITERIA, "40.0", "40.0"),
    Mistake("duplicate key", {PYTORCH: ("name: PyTorch", "name: PyTorch\nname : P")}, PYTORCH, "name :", "'name'"),
    Mistake("alias", {PYTORCH: ("name: PyTorch", "name: &a PyTorch\nsummary2: *a")}, PYTORCH, "*a", "*a"),
    Mistake("tag", {PYTORCH: ("name: PyTorch", "name: !!python/name:os.system PyTorch")}, PYTORCH, "!!python", "tag"),
]


@pytest.mark.parametrize("mistake", IN_ONE_ENTRY, ids=[m.name for m in IN_ONE_ENTRY])
def test_a_mistake_in_one_entry_is_shown_where_it_stands(plant: Plant, mistake: Mistake) -> None:
    folder = plant(mistake.edits)
    (fault,) = faults_of(folder)
    assert fault.path == place(folder, mistake.file, mistake.anchor)
    assert mistake.says in f"{fault.value} {fault.expected}"
    assert fault.nearest == mistake.nearest


# --- Files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "where", "nearest"),
    [
        ({"critera.yaml": "[]\n"}, "critera.yaml", "criteria.yaml"),
        ({"notes.txt": "hello"}, "notes.txt", None),
        ({"rules/more.yml": "[]\n"}, "rules/more.yml", None),
        ({"rules/README": "hello"}, "rules/README", None),
        ({"rules/old/more.yaml": "[]\n"}, "rules/old", None),
        ({"rules/more.yaml": "a: 1\n"}, "rules/more.yaml:1:1", None),
        ({"rules/more.yaml": "# nothing here\n"}, "rules/more.yaml:1:1", None),
        ({"rules/more.yaml": "- [\n"}, "rules/more.yaml:2:1", None),
        ({"pack.yaml": None}, "pack.yaml", None),
        ({"questions.yaml": None}, "questions.yaml", None),
        ({"kin.yaml": "- {a: jax}\n"}, "kin.yaml:2:3", None),
    ],
)
def test_a_file_that_does_not_belong_or_does_not_read_is_named(
    plant: Plant, edits: Edits, where: str, nearest: str | None
) -> None:
    faults = faults_of(plant(edits))
    assert {fault.path for fault in faults} == {where}
    assert faults[0].nearest == nearest


def test_an_unreadable_encoding_is_named_beside_the_other_faults(plant: Plant) -> None:
    folder = plant({PYTORCH: ("graded: true", "graded: 1")})
    (folder / "kin.yaml").write_bytes("- {a: Zürich}\n".encode("latin-1"))
    assert {fault.path for fault in faults_of(folder)} == {"kin.yaml", place(folder, PYTORCH, "1\nsummary")}


@pytest.mark.parametrize("where", ["nowhere", "pack/pack.yaml"])
def test_a_folder_that_is_none_is_a_fault_not_a_crash(plant: Plant, tmp_path: Path, where: str) -> None:
    plant({})
    with pytest.raises(InvalidInput, match="folder"):
        pack.load(tmp_path / where)


# --- Sense across files ----------------------------------------------------------------------------------------------

ACROSS_FILES = [
    Mistake("duplicate id", {SOURCES: ("id: blog", "id: docs")}, SOURCES, "docs, kind: a", "'docs'"),
    Mistake(
        "evidence",
        {PYTORCH: ('"7.5", evidence: [facts]', '"7.5", evidence: [fact]')},
        PYTORCH,
        "fact]",
        "'fact'",
        "facts",
    ),
    Mistake(
        "evidence of governance",
        {PYTORCH: ("governance_evidence: [facts]", "governance_evidence: [fact]")},
        PYTORCH,
        "fact]",
        "'fact'",
        "facts",
    ),
    Mistake(
        "source",
        {EVIDENCE: ("id: facts, source: docs", "id: facts, source: dogs")},
        EVIDENCE,
        "dogs,",
        "'dogs'",
        "docs",
    ),
    Mistake(
        "alternative",
        {EVIDENCE: ("about: [litert, onnxruntime]", "about: [litert, onnxrutime]")},
        EVIDENCE,
        "onnxrutime",
        "'onnxrutime'",
        "onnxruntime",
    ),
    Mistake("successor", {CAFFE: ("successor: pytorch", "successor: pytorh")}, CAFFE, "pytorh", "'pytorh'", "pytorch"),
    Mistake("capability", {PYTORCH: ("python.max:", "pyton.max:")}, PYTORCH, "pyton.max", "'pyton.max'", "python.max"),
    Mistake(
        "options of",
        {
            "capabilities.yaml": ("options_of: weights_in", "options_of: weigths_in"),
            LITERT: ("  loads: {value: [tflite], evidence: [facts]}\n", ""),
            "frameworks/onnxruntime.yaml": ("  loads: {value: [onnx], evidence: [facts]}\n", ""),
        },
        "capabilities.yaml",
        "weigths_in",
        "'weigths_in'",
        "weights_in",
    ),
    Mistake("level out of scale", {PYTORCH: ("linux: {value: 3", "linux: {value: 4")}, PYTORCH, "4, evidence", "= 4"),
    Mistake(
        "level as a fraction", {PYTORCH: ("linux: {value: 3", "linux: {value: 2.0")}, PYTORCH, "2.0, evidence", "= 2.0"
    ),
    Mistake(
        "level as a flag",
        {PYTORCH: ("linux: {value: 3", "linux: {value: true")},
        PYTORCH,
        "true, evidence: [facts]}\n ",
        "= true",
    ),
    Mistake("version as a number", {PYTORCH: ('value: "3.14"', "value: 3.14")}, PYTORCH, "3.14,", "= 3.14"),
    Mistake("version without one", {PYTORCH: ('value: "3.14"', 'value: "latest"')}, PYTORCH, '"latest"', "'latest'"),
    Mistake("set with a stranger", {LITERT: ("value: [tflite]", "value: [tflit]")}, LITERT, "[tflit]", "tflit"),
    Mistake("set as a text", {LITERT: ("value: [tflite]", "value: tflite")}, LITERT, "tflit", "'tflite'"),
    Mistake(
        "capability of another role",
        {PYTORCH: ("  python.max:", "  loads: {value: [], evidence: [facts]}\n  python.max:")},
        PYTORCH,
        "loads",
        "pytorch.loads",
    ),
    Mistake(
        "value without evidence",
        {PYTORCH: ('"7.5", evidence: [facts]', '"7.5", evidence: []')},
        PYTORCH,
        "nvidia.capability_min",
        "pytorch.nvidia.capability_min",
    ),
    Mistake(
        "number that is none",
        {
            "capabilities.yaml": "- {id: rows, kind: number, text: Rows., roles: [training], unit: rows}\n",
            PYTORCH: ("  python.max:", "  rows: {value: .nan, evidence: [facts]}\n  python.max:"),
        },
        PYTORCH,
        ".nan,",
        "'.nan'",
    ),
    Mistake(
        "grade on a derived criterion",
        {
            EVIDENCE: (
                "{criterion: footprint, alternative: tensorflow",
                "{criterion: reach.android, alternative: tensorflow",
            )
        },
        EVIDENCE,
        "reach",
        "reach.android",
    ),
    Mistake(
        "grade on nothing",
        {EVIDENCE: ("{criterion: footprint, alternative: tensorflow", "{criterion: footprit, alternative: tensorflow")},
        EVIDENCE,
        "footprit",
        "'footprit'",
        "footprint",
    ),
    Mistake(
        "grade in another role",
        {EVIDENCE: ("{criterion: debugging, alternative: jax", "{criterion: debugging, alternative: litert")},
        EVIDENCE,
        "debugging, alternative: litert",
        "litert on debugging",
    ),
    Mistake(
        "source of tomorrow", {SOURCES: ('date: "2021"', 'date: "2026-11-22"')}, SOURCES, '"2026-11-22', "2026-11-22"
    ),
    Mistake("condition", {RULES: (BEGINNER, """'team_experience = "beginner"'""")}, RULES, '= "beginner', "when"),
    Mistake(
        "name in a condition",
        {RULES: (BEGINNER, """'team_experence == "beginner"'""")},
        RULES,
        "team_experence",
        "when: 'team_experence'",
        "team_experience",
    ),
    Mistake(
        "option in a condition",
        {RULES: (BEGINNER, """'team_experience == "beginer"'""")},
        RULES,
        '"beginer',
        "when: 'beginer'",
        "beginner",
    ),
    Mistake(
        "an alternative's fact in a rule",
        {RULES: (BEGINNER, "alt.graded")},
        RULES,
        "alt.g",
        "when: 'alt.graded'",
    ),
    Mistake(
        "fact in a gate",
        {GATES: ("'alt.run.android >= 2'", "'alt.run.andriod >= 2'")},
        GATES,
        "alt.r",
        "requires: 'alt.run.andriod'",
        "alt.run.android",
    ),
    Mistake("placeholder", {GATES: ('"{name} does not run', '"{nam} does not run')}, GATES, '"{nam} does', "{nam}"),
    Mistake(
        "criterion of a rule",
        {RULES: ("{debugging: 4}", "{debuging: 4}")},
        RULES,
        "debugi",
        "'debuging'",
        "debugging",
    ),
    Mistake(
        "priority",
        {RULES: ("rank_of: debugging", "rank_of: debuging")},
        RULES,
        "debugi",
        "'debuging'",
        "debugging",
    ),
    Mistake("rule without examples", {RULES: f"- {RULE}}}\n"}, RULES, "{id: new", "new"),
    Mistake(
        "dead criterion",
        {RULES: ("  weights: {affinity.known: 2}\n", "  weights: {footprint: 2}\n")},
        CRITERIA,
        "id: affinity.known",
        "affinity.known",
    ),
    Mistake(
        "end of a path",
        {PATHS: ("target: onnxruntime", "target: onnxruntim")},
        PATHS,
        "onnxruntim,",
        "'onnxruntim'",
        "onnxruntime",
    ),
    Mistake(
        "question of an affinity",
        {CRITERIA: ("question: known_frameworks", "question: known_framework")},
        CRITERIA,
        "known_framework}",
        "'known_framework'",
        "known_frameworks",
    ),
    Mistake(
        "capability of a criterion",
        {CRITERIA: ("capability: path.android", "capability: path.androd")},
        CRITERIA,
        "path.androd",
        "'path.androd'",
        "path.android",
    ),
    Mistake(
        "a choice told as given",
        {QUESTIONS: ("kind: ranked\n", "kind: ranked\n    given: true  # planted\n")},
        QUESTIONS,
        "true  # planted",
        "priorities",
    ),
    Mistake(
        "words for none where an option says so",
        {QUESTIONS: ('label: "deployment targets"\n', 'label: "deployment targets"\n    none: "nowhere"\n')},
        QUESTIONS,
        '"nowhere"',
        "nowhere",
    ),
    Mistake(
        "two gates of one id",
        {GATES: ("id: runs-android\n", "id: train-nvidia-linux\n")},
        GATES,
        "train-nvidia-{",
        "train-nvidia-linux",
    ),
    Mistake(
        "a row that makes no id",
        {GATES: ("each: [{os: windows}", "each: [{os: Windows 11}")},
        GATES,
        "each:",
        "Windows 11",
    ),
]


@pytest.mark.parametrize("mistake", ACROSS_FILES, ids=[m.name for m in ACROSS_FILES])
def test_a_mistake_across_files_is_shown_where_it_stands(plant: Plant, mistake: Mistake) -> None:
    folder = plant(mistake.edits)
    (fault,) = faults_of(folder)
    assert fault.path == place(folder, mistake.file, mistake.anchor)
    assert mistake.says in fault.value
    assert fault.nearest == mistake.nearest


@pytest.mark.parametrize(
    "edits",
    [
        {EVIDENCE: ('as_of: "2025-06"', 'as_of: "2026-12"')},
        {EVIDENCE: ('as_of: "2025-06"', 'as_of: "2026-11-22"')},
        {EVIDENCE: ('as_of: "2025-06"', 'as_of: "2027"')},
        {SOURCES: ('accessed: "2026-11-21"}\n- {id: blog', 'accessed: "2024"}\n- {id: blog')},
    ],
)
def test_evidence_cannot_be_later_than_the_pack_or_the_reading_of_its_source(plant: Plant, edits: Edits) -> None:
    folder = plant(edits)
    day = edits[EVIDENCE][1].removeprefix("as_of: ") if EVIDENCE in edits else '"2025-06"'  # type: ignore[index]
    assert {fault.path for fault in faults_of(folder)} == {place(folder, EVIDENCE, day)}


def test_a_name_of_kinship_must_be_on_file(plant: Plant) -> None:
    (fault,) = faults_of(plant({"kin.yaml": "- {a: jax, b: pytroch, value: 0.1, argument: None.}\n"}))
    assert (fault.path, fault.nearest) == ("kin.yaml:2:15", "pytorch")


# --- Examples --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "edit", "anchor", "says"),
    [
        (
            RULES,
            ("{fires: [{team_experience: beginner}]", "{fires: [{team_experience: expert}]"),
            "{team_experience: expert}], silent",
            "expert",
        ),
        (
            RULES,
            ("silent: [{team_experience: expert}]", "silent: [{team_experience: beginner}]"),
            "{team_experience: beginner}]}",
            "beginner",
        ),
        (
            RULES,
            ("{fires: [{team_experience: beginner}]", "{fires: [{team_exper: beginner}]"),
            "{team_exper: beginner}",
            "team_exper",
        ),
        (
            GATES,
            ("stops: [{alternative: caffe}]", "stops: [{alternative: jax}]"),
            "{alternative: jax}], passes: [{alternative: pytorch",
            "jax",
        ),
        (GATES, ("passes: [{alternative: jax}]", "passes: [{alternative: mxnet}]"), "{alternative: mxnet}]}", "mxnet"),
        (GATES, ("stops: [{alternative: mxnet}]", "stops: [{alternative: mxnt}]"), "{alternative: mxnt}", "mxnt"),
        (
            GATES,
            ("onnxruntime, answers: {deploy_targets: android}", "onnxruntime, answers: {deploy_targets: androd}"),
            "{alternative: onnxruntime, answers: {deploy_targets: androd",
            "androd",
        ),
        (
            GATES,
            ("litert, answers: {deploy_targets: android}", "litert, hardware: {o: linux}"),
            "{alternative: litert, hardware",
            "'o'",
        ),
    ],
)
def test_an_example_that_does_not_do_what_it_says_is_a_fault(
    plant: Plant, file: str, edit: tuple[str, str], anchor: str, says: str
) -> None:
    folder = plant({file: edit})
    (fault,) = faults_of(folder)
    assert fault.path == place(folder, file, anchor)
    assert says in fault.value


# --- All at once -----------------------------------------------------------------------------------------------------


def test_every_mistake_of_every_file_is_listed_at_once(plant: Plant) -> None:
    schema: Edits = {
        PYTORCH: ("graded: true", "graded: maybe"),
        EVIDENCE: ("  locator: page 1\n", ""),
        "kin.yaml": "- {a: jax, b: pytorch, value: 2.0, argument: No.}\n",
        "frameworks/jax.yaml": ("name: JAX\n", "name: JAX\nname: Jax\n"),
        "surplus.yaml": "[]\n",
    }
    assert sorted(fault.path.split(":")[0] for fault in faults_of(plant(schema))) == [
        EVIDENCE,
        "frameworks/jax.yaml",
        PYTORCH,
        "kin.yaml",
        "surplus.yaml",
    ]


def test_every_mistake_across_files_is_listed_at_once_by_file_and_line(plant: Plant) -> None:
    folder = plant(
        {
            PYTORCH: ("linux: {value: 3", "linux: {value: 9"),
            EVIDENCE: ("id: facts, source: docs", "id: facts, source: dogs"),
            SOURCES: ('date: "2021"', 'date: "2031"'),
            RULES: ("{debugging: 4}", "{debuging: 4}"),
            GATES: ("requires: 'alt.graded'", "requires: 'alt.gradd'"),
        }
    )
    expected = [
        (EVIDENCE, "dogs"),
        (PYTORCH, "9, evidence"),
        (GATES, "alt.gradd"),
        (RULES, "debuging: 4"),
        (SOURCES, '"2031"'),
    ]
    assert [fault.path for fault in faults_of(folder)] == [place(folder, *each) for each in expected]


# --- The shipped pack ------------------------------------------------------------------------------------------------


def test_the_shipped_pack_has_no_faults() -> None:
    assert [str(fault) for fault in lint.lint(pack.load())] == []
