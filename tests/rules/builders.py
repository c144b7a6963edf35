"""Small release documents for tests: a few questions, and whatever members, criteria, rules and gates a test names."""

import string
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from rules import engine, requirements
from rules.decision import Decision
from rules.hardware import Profile
from rules.release import Release, compile_release

Grades = Mapping[str, Mapping[str, tuple[float, float]]]  # criterion -> member -> (mean, sd) in levels 0..4
Answers = Mapping[str, object]

TARGETS = ("server_cpu", "android", "browser", "none")
PRIORITIES = ("accuracy", "ease", "speed", "cost")
SKILLS = ("beginner", "intermediate", "expert")
PYTHONS = ("3.9", "3.10", "3.11", "3.12")


def question(
    name: str, kind: str, options: Iterable[str] = (), *, exclusive: Sequence[str] = (), **rest: Any
) -> dict[str, Any]:
    entry: dict[str, Any] = dict.fromkeys(("help", "unit", "minimum", "maximum"))
    entry |= {"id": name, "group": "all", "kind": kind, "text": name, "why": name, "ordered": False}
    entry |= {"with_version": False, "exclusive": list(exclusive)}
    entry["options"] = [{"id": option, "label": option, "help": None} for option in options]
    return entry | rest


QUESTIONS: tuple[dict[str, Any], ...] = (
    question("need", "many", ["train", "inference_only"]),
    question("train_hardware", "many", ["cpu", "nvidia_gpu", "tpu", "none"], exclusive=["none"]),
    question("train_os", "many", ["linux", "windows", "macos"]),
    question("deploy_targets", "many", TARGETS, exclusive=["none"]),
    question("data_rows", "number", unit="rows", minimum=0, maximum=1000),
    question("team_size", "number", unit="people", minimum=1, maximum=100),
    question("offline", "yes/no"),
    question("team_experience", "one", SKILLS, ordered=True),
    question("stage", "one", ["research", "production"]),
    question("python_version", "one", PYTHONS, ordered=True),
    question("known_frameworks", "alternatives"),
    question("considering", "alternatives", with_version=True),
    question("priorities", "ranked", PRIORITIES),
)


def alternative(
    name: str, *, roles: Sequence[str] = ("training",), graded: bool = True, **facts: Any
) -> dict[str, Any]:
    """An alternative; facts are written `run__android=2` for `alt.run.android`."""
    known = {f"alt.{key.replace('__', '.')}": value for key, value in facts.items()}
    return {
        "id": name,
        "name": name.title(),
        "roles": list(roles),
        "graded": graded,
        "kind_note": None,
        "summary": f"{name.title()}, for tests.",
        "version": "1.0",
        "lifecycle": {"successor": None},
        "facts": {"alt.id": name, "alt.graded": graded, "alt.lifecycle": "active", **known},
        "fact_evidence": {fact: [f"proof-of-{fact}"] for fact in known},
    }


def rule(name: str, weights: Mapping[str, float], when: str | None = None, **rest: Any) -> dict[str, Any]:
    entry = {"id": name, "layer": "shipped", "text": name, "roles": ["training", "runtime"], "when": when}
    return entry | {"rank_of": None, "strength": 1.0, "weights": dict(weights), "evidence": [], **rest}


def gate(name: str, requires: str, when: str | None = None, **rest: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": name, "layer": "shipped", "effect": "exclude", "text": f"{{name}} fails {name}"}
    entry |= {"roles": ["training", "runtime"], "when": when, "requires": requires}
    return entry | {"evidence": [], "waivers": [], **rest}


CAPABILITIES = (
    {"id": "run.android", "kind": "level", "options_of": None, "text": "Runs on Android."},
    {"id": "run.browser", "kind": "level", "options_of": None, "text": "Runs in browsers."},
    {"id": "run.server_cpu", "kind": "level", "options_of": None, "text": "Runs on servers."},
    {"id": "rows.max", "kind": "number", "options_of": None, "text": "Most rows."},
    {"id": "python.max", "kind": "version", "options_of": None, "text": "Newest Python."},
    {"id": "systems", "kind": "set", "options_of": "train_os", "text": "Systems it trains on."},
    {"id": "has.kernels", "kind": "flag", "options_of": None, "text": "Has kernels."},
)


def document(
    alternatives: Sequence[Mapping[str, Any]],
    grades: Grades,
    rules: Sequence[Mapping[str, Any]],
    gates: Sequence[Mapping[str, Any]] = (),
    **rest: Any,
) -> dict[str, Any]:
    """A release document. Criteria are the keys of `grades`; `affinity` names those that measure what is known."""
    affinity, derived = rest.pop("affinity", {}), {**rest.pop("derived", {}), **rest.get("more_criteria", {})}
    names = [*grades, *affinity, *rest.pop("more_criteria", {})]
    roles = ["training", "runtime"]
    return {
        "schema": "steelyard/release/1",
        "name": "tests",
        "as_of": "2026-11-21",
        "questionnaire": {
            "groups": [{"id": "all", "name": "All", "text": "All."}],
            "questions": list(rest.pop("questions", QUESTIONS)),
            "contradictions": rest.pop("contradictions", []),
        },
        "capabilities": list(rest.pop("capabilities", CAPABILITIES)),
        "alternatives": list(alternatives),
        "criteria": [
            {"id": c, "name": c.title(), "roles": roles, "affinity": affinity.get(c), "derived": derived.get(c)}
            for c in names
        ],
        "grades": {
            c: {m: {"mean": mean, "sd": sd, "influences": []} for m, (mean, sd) in of.items()}
            for c, of in grades.items()
        },
        "grade_covariance": rest.pop("grade_covariance", {}),
        "rules": list(rules),
        "gates": list(gates),
        "layers": [],
        "paths": rest.pop("paths", []),
        "kin": rest.pop("kin", []),
        "priorities_weight": 2.5,
        "confidence": {"weight_relative_sd": 0.3, "tie_below_win_probability": 0.75, "interval_probability": 0.9},
        **rest,
    }


def decide(
    release: Release,
    answers: Answers,
    *,
    roles: Sequence[str] | None = None,
    profile: Profile | None = None,
    stated: object = None,
    **rest: Any,
) -> Decision:
    asked = requirements.parse(answers, release.questionnaire, stated)
    return engine.decide(release, asked, profile, roles, **rest)


def changed(answers: Answers, question_id: str, after: object) -> dict[str, object]:
    """The answers with one changed, as a person would change it; None takes it away."""
    edited = {**answers, question_id: list(after) if isinstance(after, tuple) else after}
    return {k: v for k, v in edited.items() if v is not None}


# --- Generated roles and answers -------------------------------------------------------------------------------------

CONDITIONS = (
    None,
    "offline",
    "not offline",
    'team_experience <= "intermediate"',
    "data_rows > 100",
    '"android" in deploy_targets',
    'deploy_targets overlaps ["browser", "server_cpu"] and not offline',
    'stage == "research" or data_rows <= 10',
    "count(known_frameworks) > 0",
    'python_version >= "3.11"',
)


@st.composite
def documents(draw: st.DrawFn, *, gates: bool = False) -> dict[str, Any]:
    """Asymmetric roles: unequal grades on a coarse grid (so that ties happen), sparse weights, unknown facts."""
    members = draw(st.lists(st.sampled_from(string.ascii_lowercase), min_size=1, max_size=6, unique=True))
    criteria = [f"c{i}" for i in range(draw(st.integers(1, 4)))]
    level = st.one_of(st.sampled_from([0.0, 1.0, 2.0, 4.0]), st.integers(0, 40000).map(lambda n: n / 10000))
    spread = st.integers(0, 12000).map(lambda n: n / 10000)
    grades = {c: {m: (draw(level), draw(spread)) for m in members} for c in criteria}
    weighable = [*criteria, "known"]
    weights = st.dictionaries(st.sampled_from(weighable), st.sampled_from([0.25, 1.0, 2.0, 7.5]), min_size=1)
    rules = [
        rule("base", draw(st.dictionaries(st.sampled_from(criteria), st.sampled_from([0.5, 1.0, 3.0]), min_size=1)))
    ]
    for index in range(draw(st.integers(0, 5))):
        when = draw(st.sampled_from(CONDITIONS))
        rank_of = draw(st.sampled_from([None, None, *PRIORITIES]))
        strength = draw(st.sampled_from([0.25, 0.5, 1.0]))
        rules.append(rule(f"r{index}", draw(weights), when, rank_of=rank_of, strength=strength))
    facts: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {},
        optional={
            "run__android": st.integers(0, 3),
            "rows__max": st.sampled_from([5, 100, 500.0]),
            "python__max": st.sampled_from(PYTHONS),
            "systems": st.lists(st.sampled_from(["linux", "windows"]), unique=True),
            "has__kernels": st.booleans(),
        },
    )
    alternatives = [alternative(m, **draw(facts)) for m in members]
    kin = [{"a": a, "b": b, "value": 0.5} for a, b in pairwise(members) if draw(st.booleans())]
    guards = draw(st.lists(st.sampled_from(GATES), unique_by=lambda g: str(g["id"]))) if gates else []
    return document(alternatives, grades, rules, guards, affinity={"known": "known_frameworks"}, kin=kin)


LANGUAGES = ("python", "cpp", "javascript")
MORE_QUESTIONS = (*QUESTIONS, question("serving_language", "many", LANGUAGES))
PATH_GRADES = (0.0, 1.0, 3.0, 4.0)
WAIVER = {"owner": "platform@house", "reason": "We maintain a fork.", "expires": "2027-06-30", "layer": "house"}


def best_level(source: Mapping[str, Any], member: str, target: str, runtimes: Iterable[str], itself: bool) -> Any:
    """The support level of the best way over some runtimes, straight from the definition; None: not known."""
    facts = {a["id"]: a for a in source["alternatives"]}
    name = f"alt.run.{target}"
    levels = [facts[member]["facts"].get(name)] if itself and name in facts[member]["fact_evidence"] else []
    for path in source["paths"]:
        if path["source"] == member and path["target"] in runtimes:
            last = facts[path["target"]]["facts"].get(name)
            levels.append(None if last is None else min(path["level"], last))
    known = [level for level in levels if level is not None]
    return max(known) if known else None if levels else 0


def with_paths(source: dict[str, Any]) -> dict[str, Any]:
    """The document with `alt.path.*` on file for training frameworks, and the grades that are derived from it."""
    runtimes = [a["id"] for a in source["alternatives"] if "runtime" in a["roles"] and a["graded"]]
    for entry in source["alternatives"]:
        if entry["graded"] and "training" in entry["roles"]:
            for target in TARGETS[:-1]:
                level = best_level(source, entry["id"], target, runtimes, True)
                if level is not None:
                    entry["facts"][f"alt.path.{target}"] = level
    for criterion in source["criteria"]:
        if criterion["derived"] and criterion["derived"]["capability"].startswith("path."):
            cells = source["grades"].setdefault(criterion["id"], {})
            for entry in source["alternatives"]:
                level = entry["facts"].get(f"alt.{criterion['derived']['capability']}")
                mean = 1.0 if level is None else PATH_GRADES[level]
                cells[entry["id"]] = {"mean": mean, "sd": 0.1, "influences": []}
    return source


@st.composite
def whole_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Releases with all there is: runtimes and paths to them, unknown levels, derived and affine criteria, waivers."""
    trained = draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True))
    runtimes = draw(st.lists(st.sampled_from(["r1", "r2", "r3", "a"]), max_size=3, unique=True))
    level = st.integers(0, 3)
    facts: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {},
        optional={
            **{f"run__{target}": level for target in TARGETS[:-1]},
            "rows__max": st.sampled_from([5, 100, 500.0]),
            "python__max": st.sampled_from(PYTHONS),
            "systems": st.lists(st.sampled_from(["linux", "windows"]), unique=True),
            "has__kernels": st.booleans(),
            "training_languages": st.lists(st.sampled_from(LANGUAGES), unique=True, min_size=1),
        },
    )
    everybody = sorted({*trained, *runtimes, "z"})
    members = []
    for name in everybody:
        roles = [role for role, of in (("training", [*trained, "z"]), ("runtime", runtimes)) if name in of]
        entry = alternative(name, roles=roles, graded=name != "z", **draw(facts))
        for target in draw(st.lists(st.sampled_from(TARGETS[:-1]), unique=True)):  # evidence that settles nothing
            entry["fact_evidence"].setdefault(f"alt.run.{target}", ["unclear"])
        members.append(entry)
    paths = [
        {"id": f"{a}-{r}", "source": a, "target": r, "by": "converter", "level": draw(level), "evidence": [f"{a}-{r}"]}
        for a in trained
        for r in runtimes
        if a != r and draw(st.booleans())
    ]
    grade = st.one_of(st.sampled_from([0.0, 1.0, 2.0, 4.0]), st.integers(0, 40000).map(lambda n: n / 10000))
    criteria = [f"c{i}" for i in range(draw(st.integers(1, 3)))]
    grades = {c: {m: (draw(grade), 0.4) for m in everybody} for c in criteria}
    reach = {f"reach.{t}": {"capability": f"path.{t}", "values": list(PATH_GRADES)} for t in ("android", "browser")}
    weights = st.dictionaries(
        st.sampled_from([*criteria, "known", *reach]), st.sampled_from([0.25, 1.0, 2.0, 7.5]), min_size=1
    )
    rules = [rule("base", draw(weights), draw(st.sampled_from([None, None, None, "offline"])))]
    for index in range(draw(st.integers(0, 4))):
        rank_of = draw(st.sampled_from([None, None, *PRIORITIES]))
        strength = draw(st.sampled_from([0.25, 0.5, 1.0]))
        when = draw(st.sampled_from(CONDITIONS))
        rules.append(rule(f"r{index}", draw(weights), when, rank_of=rank_of, strength=strength))
    gates = draw(st.lists(st.sampled_from([*GATES, *PATH_GATES]), unique_by=lambda g: str(g["id"])))
    waived = st.lists(st.sampled_from(everybody), unique=True, max_size=2)
    gates = [{**g, "waivers": [{"alternative": name, **WAIVER} for name in draw(waived)]} for g in gates]
    kin = [{"a": a, "b": b, "value": 0.5} for a, b in pairwise(everybody) if draw(st.booleans())]
    more = {"id": "training_languages", "kind": "set", "options_of": "serving_language", "text": "Speaks."}
    source = document(
        members,
        grades,
        rules,
        gates,
        paths=paths,
        kin=kin,
        questions=MORE_QUESTIONS,
        affinity={"known": "known_frameworks"},
        more_criteria=reach,
        capabilities=[*CAPABILITIES, more],
    )
    return with_paths(source)


GATES = (
    gate("android", "alt.run.android >= 2", '"android" in deploy_targets'),
    gate("rows", "data_rows <= alt.rows.max"),
    gate("python", "python_version <= alt.python.max"),
    gate("systems", "train_os within alt.systems", "answered(train_os)"),
    gate("kernels", "alt.has.kernels", 'offline and team_experience == "expert"'),
    gate("small-team", "alt.has.kernels or team_size > 3", "team_size <= 5"),
    gate("careful", "alt.has.kernels", "data_rows > 10", effect="caution"),
)


PATH_GATES = (
    gate("reach-android", "alt.path.android >= 2", '"android" in deploy_targets', roles=["training"]),
    gate("reach-browser", "alt.path.browser >= 1 or offline", '"browser" in deploy_targets', roles=["training"]),
    gate("runtime-rows", "alt.rows.max >= data_rows", roles=["runtime"]),
    gate("runtime-language", "serving_language overlaps alt.training_languages", roles=["runtime"]),
    gate("runtime-kernels", "alt.has.kernels", "data_rows > 10", roles=["runtime"]),
    gate("machine", 'not ("nvidia_gpu" in hardware.accelerators) or alt.has.kernels', "hardware.memory_gb > 8"),
)


def whole_answers() -> st.SearchStrategy[dict[str, object]]:
    """Answers to the questions of `MORE_QUESTIONS`, each of them possibly unknown."""
    more: dict[str, st.SearchStrategy[Any]] = {
        "known_frameworks": st.lists(st.sampled_from(["z"]), min_size=1),
        "serving_language": st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True),
    }
    return st.builds(lambda a, b: a | b, answers(), st.fixed_dictionaries({}, optional=more))


def answers(*, without: Sequence[str] = ()) -> st.SearchStrategy[dict[str, object]]:
    """Answers to the questions of `QUESTIONS`, as JSON, each of them possibly unknown, and a list possibly of none."""
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "train_hardware": st.lists(st.sampled_from(["cpu", "nvidia_gpu", "tpu"]), unique=True),
        "train_os": st.lists(st.sampled_from(["linux", "windows", "macos"]), unique=True),
        "deploy_targets": st.one_of(
            st.just(["none"]), st.lists(st.sampled_from(TARGETS[:-1]), min_size=1, unique=True)
        ),
        "data_rows": st.sampled_from([0, 5, 10, 10.5, 100, 101, 1000]),
        "team_size": st.sampled_from([1, 3, 4, 6]),
        "offline": st.booleans(),
        "team_experience": st.sampled_from(SKILLS),
        "stage": st.sampled_from(["research", "production"]),
        "python_version": st.sampled_from(PYTHONS),
        "priorities": st.lists(st.sampled_from(PRIORITIES), unique=True),
    }
    return st.fixed_dictionaries({}, optional={k: v for k, v in kinds.items() if k not in without})


def compiled(source: Mapping[str, Any]) -> Release:
    return compile_release(source)
