"""A pack with mistakes is refused, and every mistake is told at once with its file, line and column."""

from pathlib import Path

import pytest

from knowledge_base import lint, pack
from rules.faults import InvalidInput
from tests.knowledge_base.conftest import Edits, Plant, faults_of

PYTORCH = "frameworks/pytorch.yaml"
RULES, GATES = "rules/all.yaml", "gates/all.yaml"
EVIDENCE, SOURCES = "evidence/all.yaml", "sources/all.yaml"
RULE = "{id: new, text: A rule, roles: [training], when: offline, weights: {debugging: 1}, argument: For tests., evidence: []"
EXAMPLES = ", examples: {fires: [{offline: true}], silent: [{}]}"


def test_the_small_pack_has_no_faults(plant: Plant) -> None:
    assert lint.lint(pack.load(plant({}))) == []


# --- One entry, against its schema -----------------------------------------------------------------------------------

SCHEMA_MISTAKES: list[tuple[str, Edits, str, str, str | None]] = [
    ("unknown key", {PYTORCH: ("summary: PyTorch", "sumary: PyTorch")}, f"{PYTORCH}:5:9", "sumary", "summary"),
    ("missing key", {PYTORCH: ("name: PyTorch\n", "")}, f"{PYTORCH}:1:1", "name", None),
    ("unknown key inside", {PYTORCH: ("state: active", "stat: active")}, f"{PYTORCH}:6:19", "lifecycle.stat", "state"),
    ("unknown state", {PYTORCH: ("state: active", "state: alive")}, f"{PYTORCH}:6:20", "'alive'", None),
    ("number for text", {PYTORCH: ('version: "1.0"', "version: 1.0")}, f"{PYTORCH}:9:10", "1.0", None),
    ("text for flag", {PYTORCH: ("graded: true", 'graded: "yes"')}, f"{PYTORCH}:4:9", "'yes'", None),
    ("bad id", {PYTORCH: ("id: pytorch", "id: PyTorch!")}, f"{PYTORCH}:1:5", "PyTorch!", None),
    ("no roles", {PYTORCH: ("roles: [training]", "roles: []")}, f"{PYTORCH}:3:8", "roles", None),
    ("unknown role", {PYTORCH: ("roles: [training]", "roles: [trainer]")}, f"{PYTORCH}:3:9", "trainer", None),
    ("grade too high", {EVIDENCE: ("pytorch, level: 4}", "pytorch, level: 5}")}, f"{EVIDENCE}:10:", "5", None),
    ("grade not a number", {EVIDENCE: ("pytorch, level: 4}", "pytorch, level: .nan}")}, f"{EVIDENCE}:10:", "nan", None),
    ("verdict without argument", {EVIDENCE: ("  verdict_note: The package has grown since.\n", "")}, f"{EVIDENCE}:19:3",
     "verdict_note", None),
    ("day that is none", {EVIDENCE: ('as_of: "2025-06"', 'as_of: "2025-13"')}, f"{EVIDENCE}:14:10", "2025-13", None),
    ("day not in the month", {EVIDENCE: ('as_of: "2025-06"', 'as_of: "2025-06-31"')}, f"{EVIDENCE}:14:10", "2025-06-31",
     None),
    ("weight of zero", {RULES: ("{reach.android: 3}", "{reach.android: 0}")}, f"{RULES}:6:28", "0", None),
    ("weight not a number", {RULES: ("{reach.android: 3}", "{reach.android: .nan}")}, f"{RULES}:6:28", "nan", None),
    ("strength above one", {RULES: ("  rank_of: debugging\n", "  rank_of: debugging\n  strength: 1.5\n")}, f"{RULES}:15:13",
     "1.5", None),
    ("prior too wide", {"pack.yaml": ("prior_sd: 1.0", "prior_sd: 9.0")}, "pack.yaml:6:13", "9.0", None),
    ("reliability above one", {"pack.yaml": ("survey: 0.8", "survey: 1.8")}, "pack.yaml:15:13", "1.8", None),
    ("reliability not a number", {"pack.yaml": ("survey: 0.8", "survey: .nan")}, "pack.yaml:15:13", "nan", None),
    ("negative verdict factor", {"pack.yaml": ("contested: 0.4", "contested: -0.4")}, "pack.yaml:20:", "-0.4", None),
    ("negative difference", {"pack.yaml": ("clearly: 1.0", "clearly: -1.0")}, "pack.yaml:21:", "-1.0", None),
    ("derived grade off the scale", {"criteria.yaml": ("[0.0, 1.0, 3.0, 4.0]", "[0.0, 1.0, 3.0, 40.0]")},
     "criteria.yaml:33:", "40.0", None),
    ("not a list", {"kin.yaml": "\n", "capabilities.yaml": None, "criteria.yaml": None}, "", "", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "place", "value", "nearest"), [m[1:] for m in SCHEMA_MISTAKES[:-1]], ids=[m[0] for m in SCHEMA_MISTAKES[:-1]]
)
def test_a_mistake_in_one_entry_is_shown_where_it_stands(
    plant: Plant, edits: Edits, place: str, value: str, nearest: str | None
) -> None:
    (fault,) = faults_of(plant(edits))
    assert fault.path.startswith(place)
    assert fault.path.count(":") == 2
    assert value in f"{fault.value} {fault.expected}"
    assert fault.nearest == nearest


# --- Files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "place", "nearest"),
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
    plant: Plant, edits: Edits, place: str, nearest: str | None
) -> None:
    folder = plant({name: edit for name, edit in edits.items() if name != "rules/old/more.yaml"})
    if "rules/old/more.yaml" in edits:
        (folder / "rules/old").mkdir()
        (folder / "rules/old/more.yaml").write_text("[]\n")
    faults = faults_of(folder)
    assert {fault.path for fault in faults} == {place}
    assert faults[0].nearest == nearest


def test_an_unreadable_encoding_is_named_beside_the_other_faults(plant: Plant) -> None:
    folder = plant({PYTORCH: ("graded: true", "graded: 1")})
    (folder / "kin.yaml").write_bytes("- {a: Zürich}\n".encode("latin-1"))
    assert {fault.path for fault in faults_of(folder)} == {"kin.yaml", f"{PYTORCH}:4:9"}


@pytest.mark.parametrize("where", ["nowhere", "pack/pack.yaml"])
def test_a_folder_that_is_none_is_a_fault_not_a_crash(plant: Plant, tmp_path: Path, where: str) -> None:
    plant({})
    with pytest.raises(InvalidInput, match="folder"):
        pack.load(tmp_path / where)


# --- Sense across files ----------------------------------------------------------------------------------------------

SENSE_MISTAKES: list[tuple[str, Edits, str, str, str | None]] = [
    ("duplicate id", {RULES: f"- {RULE}{EXAMPLES}}}\n- {RULE}{EXAMPLES}}}\n"}, f"{RULES}:34:3", "'new'", None),
    ("same id in two files", {"frameworks/torch.yaml": "", PYTORCH: ("name: PyTorch", "name: Torch")}, "", "", None),
    ("missing evidence", {PYTORCH: ('"7.5", evidence: [facts]', '"7.5", evidence: [fact]')}, f"{PYTORCH}:1:1", "'fact'",
     "facts"),
    ("missing source", {EVIDENCE: ("id: facts, source: docs", "id: facts, source: dogs")}, f"{EVIDENCE}:1:3", "'dogs'",
     "docs"),
    ("missing alternative", {EVIDENCE: ("about: [litert, onnxruntime]", "about: [litert, onnxrutime]")},
     f"{EVIDENCE}:29:3", "'onnxrutime'", "onnxruntime"),
    ("missing successor", {"frameworks/caffe.yaml": ("successor: pytorch", "successor: pytorh")},
     "frameworks/caffe.yaml:1:1", "'pytorh'", "pytorch"),
    ("missing capability", {PYTORCH: ("python.max:", "pyton.max:")}, f"{PYTORCH}:1:1", "'pyton.max'", "python.max"),
    ("level out of scale", {PYTORCH: ("linux: {value: 3", "linux: {value: 4")}, f"{PYTORCH}:1:1", "= 4", None),
    ("level as a fraction", {PYTORCH: ("linux: {value: 3", "linux: {value: 2.0")}, f"{PYTORCH}:1:1", "= 2.0", None),
    ("level as a flag", {PYTORCH: ("linux: {value: 3", "linux: {value: true")}, f"{PYTORCH}:1:1", "= True", None),
    ("version as a number", {PYTORCH: ('value: "3.14"', "value: 3.14")}, f"{PYTORCH}:1:1", "= 3.14", None),
    ("version without a number", {PYTORCH: ('value: "3.14"', 'value: "latest"')}, f"{PYTORCH}:1:1", "'latest'", None),
    ("set with a stranger", {"frameworks/litert.yaml": ("value: [tflite]", "value: [tflit]")}, "frameworks/litert.yaml:1:1",
     "tflit", None),
    ("set as a text", {"frameworks/litert.yaml": ("value: [tflite]", "value: tflite")}, "frameworks/litert.yaml:1:1",
     "tflite", None),
    ("capability of another role", {PYTORCH: ("  python.max:", "  loads: {value: [], evidence: [facts]}\n  python.max:")},
     f"{PYTORCH}:1:1", "pytorch.loads", None),
    ("value without evidence", {PYTORCH: ('"7.5", evidence: [facts]', '"7.5", evidence: []')}, f"{PYTORCH}:1:1",
     "nvidia.capability_min", None),
    ("number that is none", {"capabilities.yaml": "- {id: rows, kind: number, text: Rows., roles: [training], unit: rows}\n",
     PYTORCH: ("  python.max:", "  rows: {value: .nan, evidence: [facts]}\n  python.max:")}, f"{PYTORCH}:1:1", "nan", None),
    ("grade on a derived criterion", {EVIDENCE: ("{criterion: footprint, alternative: tensorflow",
     "{criterion: reach.android, alternative: tensorflow")}, f"{EVIDENCE}:20:3", "reach.android", None),
    ("grade on an unknown criterion", {EVIDENCE: ("{criterion: footprint, alternative: tensorflow",
     "{criterion: footprit, alternative: tensorflow")}, f"{EVIDENCE}:20:3", "'footprit'", "footprint"),
    ("grade in another role", {EVIDENCE: ("{criterion: debugging, alternative: jax", "{criterion: debugging, alternative: litert")},
     f"{EVIDENCE}:11:3", "litert on debugging", None),
    ("evidence of tomorrow", {EVIDENCE: ('as_of: "2025-06"', 'as_of: "2026-12"')}, f"{EVIDENCE}:11:3", "2026-12", None),
    ("source of tomorrow", {SOURCES: ('date: "2021"', 'date: "2026-11-22"')}, f"{SOURCES}:3:3", "2026-11-22", None),
    ("source read tomorrow", {SOURCES: ('date: "2021", accessed: "2026-11-21"', 'date: "2021", accessed: "2027"')},
     f"{SOURCES}:3:3", "2027", None),
    ("bad condition", {RULES: ("""'team_experience == "beginner"'""", """'team_experience = "beginner"'""")}, f"{RULES}:17:3",
     "when, 1:17", None),
    ("unknown name in a condition", {RULES: ("""'team_experience == "beginner"'""", """'team_experence == "beginner"'""")},
     f"{RULES}:17:3", "when, 1:1: 'team_experence'", "team_experience"),
    ("unknown option in a condition", {RULES: ("""'team_experience == "beginner"'""", """'team_experience == "beginer"'""")},
     f"{RULES}:17:3", "when, 1:20: 'beginer'", "beginner"),
    ("an alternative's fact in a rule", {RULES: ("""'team_experience == "beginner"'""", "alt.graded")}, f"{RULES}:17:3",
     "when, 1:1: 'alt.graded'", None),
    ("unknown fact in a gate", {GATES: ("requires: 'alt.run.android >= 2'", "requires: 'alt.run.andriod >= 2'")},
     f"{GATES}:28:3", "requires, 1:1: 'alt.run.andriod'", "alt.run.android"),
    ("leftover placeholder", {GATES: ('"{name} does not run', '"{nam} does not run')}, f"{GATES}:28:3", "{nam}", None),
    ("weight on an unknown criterion", {RULES: ("{debugging: 4}", "{debuging: 4}")}, f"{RULES}:10:3", "'debuging'",
     "debugging"),
    ("unknown priority", {RULES: ("rank_of: debugging", "rank_of: debuging")}, f"{RULES}:10:3", "'debuging'", "debugging"),
    ("rule without examples", {RULES: f"- {RULE}}}\n"}, f"{RULES}:33:3", "'new'" if False else "new", None),
    ("unweighed criterion", {RULES: ("{ease_of_use: 2, debugging: 1, footprint: 1}", "{ease_of_use: 2, debugging: 1}"),
     "criteria.yaml": ("- id: footprint\n", "- id: other\n")}, "", "", None),
    ("kin of nobody", {"kin.yaml": "- {a: jax, b: pytroch, value: 0.1, argument: None.}\n"}, "kin.yaml", "'pytroch'",
     "pytorch"),
    ("path to nowhere", {"paths/all.yaml": ("target: onnxruntime", "target: onnxruntim")}, "paths/all.yaml:3:3",
     "'onnxruntim'", "onnxruntime"),
    ("affinity to an unknown question", {"criteria.yaml": ("question: known_frameworks", "question: known_framework")},
     "criteria.yaml:34:3", "'known_framework'", "known_frameworks"),
    ("derived from an unknown capability", {"criteria.yaml": ("capability: path.android", "capability: path.androd")},
     "criteria.yaml:24:3", "'path.androd'", "path.android"),
    ("two gates of one id", {GATES: ("- id: runs-android\n", "- id: train-nvidia-linux\n")}, f"{GATES}:",
     "train-nvidia-linux", None),
    ("a row that makes no id", {GATES: ("each: [{os: windows}", "each: [{os: Windows 11}")}, f"{GATES}:16:3", "Windows 11",
     None),
    ("a role without a base rule", {RULES: ("roles: [training, runtime], when: null", "roles: [training], when: null")},
     f"{RULES}" if False else "", "", None),
]  # fmt: skip
COMPARED = [m for m in SENSE_MISTAKES if m[3]]


@pytest.mark.parametrize(("edits", "place", "value", "nearest"), [m[1:] for m in COMPARED], ids=[m[0] for m in COMPARED])
def test_a_mistake_across_files_is_shown_where_it_stands(
    plant: Plant, edits: Edits, place: str, value: str, nearest: str | None
) -> None:
    faults = faults_of(plant(edits))
    assert len(faults) == 1, [str(fault) for fault in faults]
    assert faults[0].path.startswith(place)
    assert value in faults[0].value
    assert faults[0].nearest == nearest


def test_a_criterion_that_no_rule_weighs_is_dead(plant: Plant) -> None:
    old = "{ease_of_use: 2, debugging: 1, footprint: 1}"
    faults = faults_of(plant({RULES: (old, "{ease_of_use: 2, debugging: 1}")}))
    assert faults == []  # the beginners' rule still weighs it


# --- Examples --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "place", "value"),
    [
        ({RULES: ("{fires: [{team_experience: beginner}]", "{fires: [{team_experience: expert}]")}, f"{RULES}:17:3", "expert"),
        ({RULES: ("silent: [{team_experience: expert}]", "silent: [{team_experience: beginner}]")}, f"{RULES}:17:3", "beginner"),
        ({RULES: ("{fires: [{team_experience: beginner}]", "{fires: [{team_experince: beginner}]")}, f"{RULES}:17:3",
         "team_experince"),
        ({GATES: ("stops: [{alternative: caffe}]", "stops: [{alternative: jax}]")}, f"{GATES}:1:3", "jax"),
        ({GATES: ("passes: [{alternative: jax}]", "passes: [{alternative: mxnet}]")}, f"{GATES}:8:3", "mxnet"),
        ({GATES: ("stops: [{alternative: mxnet}]", "stops: [{alternative: mxnt}]")}, f"{GATES}:8:3", "mxnt"),
        ({GATES: ("stops: [{alternative: onnxruntime, answers: {deploy_targets: android}}]",
                  "stops: [{alternative: onnxruntime, answers: {deploy_targets: androd}}]")}, f"{GATES}:28:3", "androd"),
        ({GATES: ("passes: [{alternative: litert, answers: {deploy_targets: android}}]",
                  "passes: [{alternative: litert, hardware: {o: linux}}]")}, f"{GATES}:28:3", "'o'"),
    ],
)  # fmt: skip
def test_an_example_that_does_not_do_what_it_says_is_a_fault(plant: Plant, edits: Edits, place: str, value: str) -> None:
    (fault,) = faults_of(plant(edits))
    assert fault.path == place
    assert value in fault.value


# --- All at once -----------------------------------------------------------------------------------------------------


def test_every_mistake_of_every_file_is_listed_at_once(plant: Plant) -> None:
    schema = {
        PYTORCH: ("graded: true", "graded: maybe"),
        EVIDENCE: ("locator: page 1\n", ""),
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


def test_every_mistake_across_files_is_listed_at_once_in_the_order_of_files_and_lines(plant: Plant) -> None:
    sense: Edits = {
        PYTORCH: ("linux: {value: 3", "linux: {value: 9"),
        EVIDENCE: ("id: facts, source: docs", "id: facts, source: dogs"),
        SOURCES: ('date: "2021"', 'date: "2031"'),
        RULES: ("{debugging: 4}", "{debuging: 4}"),
        GATES: ("requires: 'alt.graded'", "requires: 'alt.gradd'"),
    }
    faults = faults_of(plant(sense))
    assert [fault.path for fault in faults] == [
        f"{EVIDENCE}:1:3",
        f"{PYTORCH}:1:1",
        f"{GATES}:8:3",
        f"{RULES}:10:3",
        f"{SOURCES}:3:3",
    ]


# --- The shipped pack ------------------------------------------------------------------------------------------------


def test_the_shipped_pack_has_no_faults() -> None:
    assert [str(fault) for fault in lint.lint(pack.load())] == []
