"""Mistakes inside conditions are all told in one run, each at the very character of its file."""

from pathlib import Path

from tests.knowledge_base.conftest import Plant, faults_of

RULE = """
- id: {id}
  text: A rule for tests.
  roles: [training]
  when: {when}
  weights: {{debugging: 1}}
  argument: For tests.
  evidence: []
  examples: {{fires: [{{offline: true}}], silent: [{{}}]}}
"""
GATE = """
- id: {id}
  effect: exclude
  roles: [training]
  when: {when}
  requires: {requires}
  text: "{{name}} fails."
  argument: For tests.
  each: {each}
  examples: {{stops: [{{alternative: jax}}], passes: [{{alternative: pytorch}}]}}
"""
Mistakes = list[tuple[str, str, str | None]]
SPELLINGS: dict[
    str, Mistakes
] = {  # how a condition stands in its file -> (place from its first line, message, nearest), mistake by mistake
    "ofline_1 == true": [("+0:9", "when: 'ofline_1'", "offline")],
    "'stage == \"producton\" and ofline'": [
        ("+0:19", "when: 'producton'", "production"),
        ("+0:35", "when: 'ofline'", "offline"),
    ],
    r'"stage == \"producton\""': [("+0:19", "when: 'producton'", "production")],
    "'  team_size > 3 3'": [("+0:26", "when: '3'", None)],
    "offline and\n    team_sise > 3": [("+1:5", "when: 'team_sise'", "team_size")],
    "'offline and\n\n    team_sise > 3'": [("+2:5", "when: 'team_sise'", "team_size")],
    "|\n    offline and\n      team_sise > 3\n    and stage ==": [("+3:17", "when: 'the end'", None)],
    "|\n    offline and\n      team_sise > 3\n    and stage": [
        ("+2:7", "when: 'team_sise'", "team_size"),
        ("+3:9", "when: a value of kind 'one'", None),
    ],
    ">-\n    offline\n    and team_sise > 3": [("+2:9", "when: 'team_sise'", "team_size")],
    "|1\n     offline and ofline": [("+0:3", "when, 1:13: 'ofline'", "offline")],
}


def place(folder: Path, file: str, anchor: str, relative: str) -> str:
    """`+lines:column` from the line on which an anchor stands."""
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(anchor) == 1
    line = text[: text.index(anchor)].count("\n") + 1
    down, _, column = relative.partition(":")
    return f"{file}:{line + int(down)}:{column}"


def test_every_mistake_of_every_condition_is_told_at_its_character(plant: Plant) -> None:
    rules = "".join(RULE.format(id=f"planted-{i}", when=when) for i, when in enumerate(SPELLINGS))
    folder = plant({"rules/planted.yaml": rules})
    expected = [
        (place(folder, "rules/planted.yaml", f"id: planted-{i}\n", f"{int(down) + 3}:{column}"), says, near)
        for i, mistakes in enumerate(SPELLINGS.values())
        for where, says, near in mistakes
        for down, _, column in [where.partition(":")]
    ]
    assert [(f.path, f.value, f.nearest) for f in faults_of(folder)] == expected


def test_a_mistake_in_a_repeated_gate_is_told_in_its_template(plant: Plant) -> None:
    """Once where it is every row's, and at the placeholder where a row filled it in."""
    gate = GATE.format(
        id="planted-{os}",
        when="'train_os within [\"{os}\"] and ofline'",
        requires="'alt.train.nvidia_gpu.{os} >= 2 and alt.graded == 3'",
        each="[{os: windows}, {os: linus}]",
    )
    folder = plant({"gates/planted.yaml": gate})
    assert [(f.path, f.value, f.nearest) for f in faults_of(folder)] == [
        ("gates/planted.yaml:5:27", "when: 'linus'", "linux"),
        ("gates/planted.yaml:5:39", "when: 'ofline'", "offline"),
        ("gates/planted.yaml:6:14", "requires: 'alt.train.nvidia_gpu.linus'", "alt.train.nvidia_gpu.linux"),
        ("gates/planted.yaml:6:60", "requires: flag == number", None),
    ]


def test_mistakes_of_the_questionnaire_are_told_in_its_file(plant: Plant) -> None:
    folder = plant({"questions.yaml": ("when: 'python_min > python_version'", "when: 'python_mim > python_version'")})
    (fault,) = faults_of(folder)
    text = (folder / "questions.yaml").read_text(encoding="utf-8")
    before = text[: text.index("python_mim")]
    assert fault.path == f"questions.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    assert (fault.value, fault.nearest) == ("when: 'python_mim'", "python_min")
