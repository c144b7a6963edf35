"""Where a training framework runs what it trains, as far as what is on file of training and of its builds shows.

Nobody asks of a training framework which systems and chips it runs models on. But training contains predicting: what
trains on a chip under a system predicts there too, and at least as well supported. So a level of training, where it
is official, is a lower bound of the level of running; one below that shows nothing, and neither does a missing build,
for something may run where it cannot be trained. What is on file of running itself is never replaced.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rules.compiled import Alternative, Release
from rules.stacks import OFFICIAL

TRAIN = "alt.train."
SYSTEMS = ("linux", "windows", "macos")
CHIPS = {  # what a model is trained on, as a chip that runs models; the processor is told by the builds
    "nvidia_gpu": "nvidia_gpu",
    "amd_gpu": "amd_gpu",
    "intel_gpu": "intel_gpu",
    "apple_silicon": "apple_silicon",
    "tpu": "tpu",
    "ascend": "ascend_npu",
}
PROCESSORS = {"x86_64": "x86_cpu", "aarch64": "arm_cpu"}
BINARIES = {  # facts on binaries, each with the system, and the processor it is for and the only other one there
    "alt.binary.linux_aarch64": ("linux", "aarch64", None),
    "alt.binary.windows_arm64": ("windows", "aarch64", "x86_64"),
    "alt.binary.macos_x86_64": ("macos", "x86_64", "aarch64"),
}

Shown = tuple[str, int, tuple[str, ...]]  # a fact, the level at least, and the evidence


def running(release: Release, framework: str) -> Alternative:
    """A framework with the levels of running that its training shows, where nothing is on file of them."""
    own = release.alternatives[framework]
    level, evidence = dict[str, int](), dict[str, tuple[str, ...]]()
    for fact, at_least, cited in (*_trained(own), *_built(release, own)):
        if own.facts.get(fact) is None and at_least > level.get(fact, 0):
            level[fact], evidence[fact] = at_least, cited
    return replace(own, facts={**own.facts, **level}, fact_evidence={**own.fact_evidence, **evidence})


def _trained(own: Alternative) -> Iterator[Shown]:
    """The systems and accelerators that it trains on."""
    for fact in own.facts:
        device, _, system = fact.removeprefix(TRAIN).partition(".") if fact.startswith(TRAIN) else ("", "", "")
        level = _official(own.facts, fact)
        cited = own.fact_evidence.get(fact, ())
        if level and system in SYSTEMS:
            yield f"alt.run_os.{system}", level, cited
        if level and device in CHIPS:
            yield f"alt.run_on.{CHIPS[device]}", level, cited


def _built(release: Release, own: Alternative) -> Iterator[Shown]:
    """The processors that there are builds for under a system whose processors it trains on."""
    for build in release.builds:
        if build.framework == own.id and build.device == "cpu" and build.level == "official":
            for made_for in build.systems:
                yield from _on(own, made_for.os, made_for.arch, build.evidence)
    for fact, (system, arch, other) in BINARIES.items():
        there = own.facts.get(fact)
        found = arch if there is True else other if there is False else None
        if found:
            yield from _on(own, system, found, own.fact_evidence.get(fact, ()))


def _on(own: Alternative, system: str, arch: str, cited: tuple[str, ...]) -> Iterator[Shown]:
    fact = f"{TRAIN}cpu.{system}"
    level = _official(own.facts, fact)
    if not level or arch not in PROCESSORS:
        return
    evidence = tuple(dict.fromkeys((*own.fact_evidence.get(fact, ()), *cited)))
    yield f"alt.run_on.{PROCESSORS[arch]}", level, evidence
    if (system, arch) == ("macos", "aarch64"):
        yield "alt.run_on.apple_silicon", OFFICIAL, evidence  # its processor, not its GPU


def _official(facts: Mapping[str, object], fact: str) -> int:
    level = facts.get(fact)
    return level if isinstance(level, int) and level >= OFFICIAL else 0
