"""Verdicts on a machine as facts of a project: what conditions see, what is told, and that a sheet sees the same."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from rules import batch, machine
from rules.accounts import page
from rules.accounts.grounds import project
from rules.accounts.naming import Names
from rules.conditions import columns
from rules.decision import ENGINE, Decision, MachineVerdict
from rules.engine import decide
from rules.faults import InvalidInput
from rules.hardware import Device, Profile
from rules.release import Release
from rules.requirements import parse
from tests.conftest import PROFILE

GPU = PROFILE.devices[0]
OLD_DRIVER = replace(PROFILE, devices=(replace(GPU, driver_version="470.1"),))
OLD_GPU = replace(PROFILE, devices=(replace(GPU, compute_capability="3.7"),))
RADEON = Device("amd_gpu", "Radeon", 24 * 2**30, None, None, None, "yes", "yes", "yes", architecture="gfx1100")
MUSL = replace(PROFILE, libc="musl", libc_version="1.2")
INTEL_MAC = replace(PROFILE, os="macos", os_version="13.0", libc=None, libc_version=None, devices=())
ODD = replace(PROFILE, arch="other", devices=())
SERVER = replace(PROFILE, targets=("server_gpu",), chips=("amd_gpu",), devices=(RADEON,))
PHONE = replace(SERVER, targets=("android",))
MACHINES = (PROFILE, OLD_DRIVER, OLD_GPU, MUSL, INTEL_MAC, ODD, replace(PROFILE, devices=(RADEON,)))


def made(release: Release, profile: Profile | None, answers: dict[str, Any] | None = None, **more: Any) -> Decision:
    return decide(release, parse(answers or {"need": "train"}, release.questionnaire), profile, **more)


def stopped(decision: Decision, gate: str, role: str = "training") -> set[str]:
    """The alternatives that a gate keeps out or warns of."""
    result = decision.roles[role]
    warned = {p.framework for p in result.ranking if any(c.gate == gate for c in p.cautions)}
    return warned | {e.framework for e in result.excluded if e.gate == gate}


def test_facts_name_the_alternatives_by_state() -> None:
    found = tuple(
        MachineVerdict(name, state, None, None, None)
        for name, state in (
            ("a", "impossible"),
            ("b", "fixable"),
            ("c", "degraded"),
            ("d", "unknown"),
            ("e", "fixable"),
        )
    )
    assert machine.facts(found) == {"cannot_run": ("a",), "needs_change": ("b", "e"), "second_best": ("c",)}
    assert machine.facts(()) == {}


def test_a_machine_is_judged_for_what_it_is_there_for(shipped_release: Release) -> None:
    trains = {v.framework for v in machine.judged(shipped_release, PROFILE).verdicts}
    serves = {v.framework for v in machine.judged(shipped_release, SERVER).verdicts}
    assert {"pytorch", "mlx", "keras"} <= trains
    assert {"tensorrt", "mlx", "vllm"} <= serves
    assert "tensorrt" not in trains
    assert "pytorch" not in serves
    assert machine.judged(shipped_release, PHONE) == machine.judged(shipped_release, None) == machine.Machine()
    assert machine.judged(replace(shipped_release, builds=()), PROFILE) == machine.Machine()


def test_a_machine_of_open_software_is_judged_as_set_up_and_the_answer_says_so(shipped_release: Release) -> None:
    bare = replace(PROFILE, origin="hand", python_version=None, libc=None, libc_version=None)
    seen = made(shipped_release, bare, what_if=False).hardware
    assert any("glibc" in text for text in seen.assumed)
    assert next(v.state for v in seen.verdicts if v.framework == "pytorch") == "supported"
    assert made(shipped_release, PROFILE, what_if=False).hardware.assumed == ()


def test_verdicts_are_told_for_the_ranked_roles_only(shipped_release: Release) -> None:
    both = made(shipped_release, PROFILE, roles=("training", "high_level")).hardware.verdicts
    layers = made(shipped_release, PROFILE, roles=("high_level",)).hardware.verdicts
    assert {v.framework for v in layers} == {"keras"}
    assert {v.framework for v in layers} < {v.framework for v in both}
    assert made(shipped_release, None).hardware.verdicts == ()


@pytest.mark.parametrize("profile", MACHINES)
def test_each_verdict_is_the_gate_of_its_state(shipped_release: Release, profile: Profile) -> None:
    decision = made(shipped_release, profile, what_if=False)
    ranked = {p.framework for p in decision.roles["training"].ranking}
    gates = {"impossible": "machine-cannot-run", "fixable": "machine-needs-change", "degraded": "machine-second-best"}
    for state, gate in gates.items():
        those = {v.framework for v in decision.hardware.verdicts if v.state == state}
        assert stopped(decision, gate) == (those if state == "impossible" else those & ranked)


def test_what_is_found_is_the_reason_and_the_smallest_change(shipped_release: Release) -> None:
    decision = made(shipped_release, OLD_DRIVER, what_if=False)
    place = next(p for p in decision.roles["training"].ranking if p.framework == "tensorflow")
    found = next(c.found for c in place.cautions if c.gate == "machine-needs-change")
    verdict = next(v for v in decision.hardware.verdicts if v.framework == "tensorflow")
    assert verdict.reason is not None
    assert verdict.change is not None
    assert found == f"{verdict.reason}; smallest change: {verdict.change}"
    assert "470.1" in found
    other = next(c.found for c in place.cautions if c.gate == "driver-too-old")
    assert "smallest change" not in other


@pytest.mark.parametrize(
    ("answers", "applies"),
    [
        ({"train_hardware": "cpu"}, True),
        ({"train_hardware": ["cpu", "amd_gpu"], "train_os": "linux"}, True),
        ({"train_hardware": ["cpu", "tpu"]}, False),
        ({"train_os": "windows"}, False),
        ({"train_os": ["linux", "macos"]}, False),
    ],
)
def test_answers_that_name_another_machine_leave_the_verdict_out(
    shipped_release: Release, answers: dict[str, Any], applies: bool
) -> None:
    profile = replace(PROFILE, arch="aarch64", devices=(RADEON,))
    decision = made(shipped_release, profile, {"need": "train", **answers}, what_if=False)
    impossible = {v.framework for v in decision.hardware.verdicts if v.state == "impossible"}
    assert impossible
    assert stopped(decision, "machine-cannot-run") == (impossible if applies else set())


def test_the_page_names_what_falls_short_and_a_document_of_before_has_no_such_part(shipped_release: Release) -> None:
    names = Names(shipped_release, {}, {}, frozenset())
    document = made(shipped_release, OLD_DRIVER, what_if=False).document()
    shown = " ".join(page.page(document, names)["markdown"].split())
    told = shown.partition("## The machine ")[2].partition("## ")[0]
    verdicts = {v["framework"]: v for v in document["hardware"]["verdicts"]}
    assert "**TensorFlow** needs a change: " in told
    assert "smallest change: " in told
    assert "scikit-learn" not in told
    assert verdicts["scikit-learn"]["state"] == "supported"
    del document["hardware"]["verdicts"]
    assert "## The machine" not in page.page(document, names)["markdown"]


def test_accelerators_are_not_spoken_of_where_only_the_processor_is_used(shipped_release: Release) -> None:
    answered = made(shipped_release, OLD_DRIVER, {"need": "train", "train_hardware": "cpu"}, what_if=False)
    assert not stopped(answered, "machine-needs-change")
    assert stopped(made(shipped_release, OLD_DRIVER, what_if=False), "machine-needs-change")


def test_a_machine_to_deploy_on_speaks_of_runtimes(shipped_release: Release) -> None:
    answers = {"need": "inference_only"}
    decision = made(shipped_release, SERVER, answers, roles=("training", "runtime"), what_if=False)
    gate = "deployment-machine-cannot-run"
    entry = next(e for e in decision.roles["runtime"].excluded if (e.framework, e.gate) == ("tensorrt", gate))
    verdict = next(v for v in decision.hardware.verdicts if v.framework == "tensorrt")
    assert verdict.reason is not None
    assert entry.found.startswith(verdict.reason)
    assert not stopped(decision, "machine-cannot-run", "training")
    for other in ({"deploy_os": "windows"}, {"serving_language": "cpp"}, {"deploy_targets": "desktop"}):
        changed = made(shipped_release, SERVER, {**answers, **other}, roles=("runtime",), what_if=False)
        assert not stopped(changed, "deployment-machine-cannot-run", "runtime")


def test_a_document_gives_back_what_conditions_saw(shipped_release: Release) -> None:
    document = made(shipped_release, OLD_GPU).document()
    seen = project(document)
    assert seen["hardware.train_hardware"] == ["cpu", "nvidia_gpu"]
    assert {name for name in seen if name in machine.LOOKED_AT} == machine.LOOKED_AT
    assert document["engine"] == ENGINE


# --- One project and many ---------------------------------------------------------------------------------------------

ANSWERS = st.fixed_dictionaries(
    {"need": st.sampled_from(["train", "fine_tune", "train_from_scratch"])},
    optional={
        "approach": st.sampled_from(["classical_ml", "deep_learning", "undecided"]),
        "modality": st.sampled_from(["tabular", "image"]),
        "train_hardware": st.sampled_from(["cpu", "nvidia_gpu", ["cpu", "nvidia_gpu"], ["cpu", "amd_gpu"]]),
        "train_os": st.sampled_from(["linux", "windows", ["linux", "windows"], "macos"]),
    },
)


@given(answers=ANSWERS, profile=st.sampled_from(MACHINES))
@settings(max_examples=40, deadline=None)
def test_a_sheet_excludes_what_a_single_decision_excludes(
    shipped_release: Release, answers: dict[str, Any], profile: Profile
) -> None:
    try:
        decision = made(shipped_release, profile, answers, roles=("training", "high_level"), what_if=False)
    except InvalidInput:  # answers that contradict each other
        reject()
    values = {n: tuple(v) if isinstance(v, list) else v for n, v in project(decision.document()).items()}
    sheet = batch.varied(shipped_release, values, [{}])
    for name, result in decision.roles.items():
        role = shipped_release.roles[name]
        is_open = batch.board(shipped_release, name, sheet).open[0]
        out = {c for c, passes in zip((*role.members, *role.others), is_open, strict=True) if not passes}
        assert out == {e.framework for e in result.excluded}


@pytest.mark.parametrize("profile", [OLD_GPU, ODD, replace(PROFILE, arch="aarch64", devices=(RADEON,))])
def test_what_lets_an_alternative_in_does_so_when_it_is_answered(shipped_release: Release, profile: Profile) -> None:
    answers = {"need": "train", "approach": "deep_learning"}
    decision = made(shipped_release, profile, answers)
    tried = 0
    for entry in decision.roles["training"].excluded:
        for relaxation in entry.relaxation:
            after = relaxation.after[0]
            again = {**answers, relaxation.question: list(after) if isinstance(after, tuple) else after}
            result = made(shipped_release, profile, again, what_if=False).roles["training"]
            assert entry.framework not in {e.framework for e in result.excluded}, (entry, relaxation)
            tried += 1
    assert tried


def test_facts_of_a_machine_are_columns_like_others(shipped_release: Release) -> None:
    kind = shipped_release.names["hardware.cannot_run"]
    assert set(kind.options) == set(shipped_release.alternatives)
    column = columns.column(kind, [("mlx",), (), None])
    assert column.known.tolist() == [True, True, False]  # type: ignore[union-attr]
