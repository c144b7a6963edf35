"""What a release calls the things that conditions mention: questions, facts, their options and their units.

One flat table: `name` -> words, `name=option` -> words for an option, `name unit` -> the unit of its numbers. How the
words make a sentence is `rules.conditions.sentences`' business.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rules.hardware import OFFERED, VERDICT_FACTS

Labels = Mapping[str, str]

_OWN_LEVELS = re.compile("(.+): 0 (.+), 1 (.+), 2 (.+), 3 (.+)")
FACTS: Labels = {
    "alt.id": "this framework",
    "alt.lifecycle": "Lifecycle",
    "alt.years_left": "Time until its announced end",
    "alt.years_left unit": "years",
    "alt.graded": "Graded in this release",
    "alt.governance": "Parties that govern it",
    "alt.accepts": "Formats and frameworks that it loads itself or has a maintained conversion from",
    "alt.licence.osi_approved": "Licence approved by the Open Source Initiative",
    "alt.licence.permissive": "Permissive licence",
    "alt.governance=foundation_governed": "governed by a foundation",
    "alt.governance=multi_vendor": "several vendors",
    "alt.governance=single_vendor": "a single vendor",
    "alt.governance=community": "a community",
    "hardware.os": "operating system of the machine",
    "hardware.os=linux": "Linux",
    "hardware.os=windows": "Windows",
    "hardware.os=wsl2": "WSL2",
    "hardware.os=macos": "macOS",
    "hardware.os=other": "another system",
    "hardware.arch": "processor architecture of the machine",
    "hardware.arch=x86_64": "64-bit x86",
    "hardware.arch=aarch64": "64-bit Arm",
    "hardware.arch=armv7l": "32-bit Arm",
    "hardware.arch=other": "another architecture",
    "hardware.libc": "C library of the machine",
    "hardware.libc=musl": "musl",
    "hardware.libc=glibc": "glibc",
    "hardware.memory_gb": "memory of the machine",
    "hardware.memory_gb unit": "GB",
    "hardware.usable_cores": "processor cores of the machine that may be used",
    "hardware.usable_cores unit": "cores",
    "hardware.nvidia_capability": "CUDA compute capability of the machine",
    "hardware.nvidia_driver": "NVIDIA driver of the machine",
    "hardware.accelerators": "usable accelerators of the machine",
    "hardware.train_hardware": "processor and usable accelerators of the machine",
    "hardware.train_os": "system of the machine",
    "hardware.deploy_targets": "targets that the machine is",
    "hardware.deploy_hardware": "chips of the machine",
    "hardware.deploy_os": "system of the machine that is deployed to",
    "hardware.cannot_run": "frameworks that cannot run on the machine",
    "hardware.needs_change": "frameworks that run on the machine only after a change",
    "hardware.second_best": "frameworks that run on the machine with a limit",
    "hardware.avx": "processor with AVX",
    "hardware.unified_memory": "accelerator that shares the memory of the system",
    "feasible.full": "training the whole model fits one accelerator",
    "feasible.full_sharded": "training the whole model fits when it is sharded over all accelerators",
    "feasible.lora": "training adapters over 16-bit weights (LoRA) fits one accelerator",
    "feasible.qlora": "training adapters over 4-bit weights (QLoRA) fits one accelerator",
    "feasible.devices_full": "accelerators that training the whole model takes at least",
    "feasible.serve": "the model fits the memory that it is to run in",
    "feasible.serve_low_bit": "the model fits the memory that it is to run in with weights of about 4 bits",
}


def table(document: Mapping[str, Any]) -> dict[str, str]:
    """The table for a release document."""
    found = dict(FACTS)
    questions = {q["id"]: q for q in document["questionnaire"]["questions"]}
    frameworks = [(a["id"], a["name"]) for a in document["alternatives"]]
    options = {name: [(o["id"], o["label"]) for o in q["options"]] for name, q in questions.items()}
    for name, question in questions.items():
        found |= {name: question.get("label") or name, **_unit(name, question["unit"])}
        found |= _options(name, frameworks if question["kind"] == "alternatives" else options[name])
    for capability in document["capabilities"]:
        name = f"alt.{capability['id']}"
        found |= {**_described(name, capability["text"].rstrip(".")), **_unit(name, capability.get("unit"))}
        found |= _options(name, options.get(capability["options_of"] or "", ()))
    found |= _options("alt.id", frameworks)
    found |= _options("alt.accepts", [*options.get("weights_in", ()), *frameworks])
    found |= _options("hardware.accelerators", options.get("train_hardware", ()))
    for name in OFFERED:
        found |= _options(f"hardware.{name}", options.get(name, ()))
    for name in VERDICT_FACTS.values():
        found |= _options(f"hardware.{name}", frameworks)
    found |= {
        f"alt.path.{option}": f"Best path from training to {label}"
        for option, label in options.get("deploy_targets", ())
    }
    return found


def _described(name: str, text: str) -> dict[str, str]:
    """A fact's label; a text that gives its levels words of their own is taken apart."""
    scale = _OWN_LEVELS.fullmatch(text)
    if scale is None:
        return {name: text}
    return {name: scale[1], **{f"{name}={value}": scale[value + 2] for value in range(4)}}


def _options(name: str, options: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((f"{name}={option}", label) for option, label in options)


def _unit(name: str, unit: str | None) -> dict[str, str]:
    return {f"{name} unit": unit} if unit else {}
