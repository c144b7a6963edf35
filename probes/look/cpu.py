"""The processor: who made it, what it can do, and how many of its cores this process may use.

A feature listed here is supported by the processor; whether the system grants its use (AMX asks for that) is
not known. It knows nothing of frameworks and their needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from probes.look import cgroup, files, mac
from probes.look.limits import MAX_FEATURES
from probes.look.mac import sysctl as sysctl
from probes.look.text import clean
from probes.look.watch import Watch

_CPUINFO = "/proc/cpuinfo"
_ARM_VENDORS = {
    0x41: "ARM",
    0x46: "Fujitsu",
    0x48: "HiSilicon",
    0x4E: "NVIDIA",
    0x51: "Qualcomm",
    0x61: "Apple",
    0xC0: "Ampere",
}
_ARM_MODELS = {
    (0x41, 0xD08): "Cortex-A72",
    (0x41, 0xD0B): "Cortex-A76",
    (0x41, 0xD0C): "Neoverse N1",
    (0x41, 0xD40): "Neoverse V1",
    (0x41, 0xD42): "Cortex-A78AE",
    (0x41, 0xD49): "Neoverse N2",
    (0x41, 0xD4F): "Neoverse V2",
}
# macOS spells some features otherwise than Linux.
_MAC_FEATURES = {
    "avx1.0": "avx",
    "sse4.1": "sse4_1",
    "sse4.2": "sse4_2",
    "fpu_csds": "fpu",
    "avx512bf16": "avx512_bf16",
}


@dataclass(frozen=True)
class Cpu:
    """The processor; `usable_cores` counts what affinity, set and quota leave (may be a fraction)."""

    vendor: str | None = None
    model: str | None = None
    features: tuple[str, ...] = ()
    physical_cores: int | None = None
    logical_cores: int | None = None
    usable_cores: float | None = None


def look(watch: Watch) -> Cpu:
    """The processor of a Linux, macOS or Windows machine."""
    if watch.machine.system == "Linux":
        return _linux(watch)
    return _macos(watch) if watch.machine.system == "Darwin" else _windows(watch)


def _linux(watch: Watch) -> Cpu:
    root = watch.machine.root
    blocks = _blocks(files.read(root, _CPUINFO) or "")
    first = blocks[0] if blocks else {}
    logical = len(blocks) or cgroup.set_size(files.read(root, "/sys/devices/system/cpu/online")) or None
    features = _common_features(blocks)
    if blocks:
        watch.note("present", "yes", "read: vendor, model and features", _CPUINFO)
    else:
        watch.note("present", "unknown", "unreadable: no processor is described", _CPUINFO)
    if "amx_tile" in features:
        # The kernel grants AMX to each process that asks (arch_prctl), and a sandbox may refuse; asking is not ours.
        watch.note("usable", "unknown", "amx_not_verified: the processor has AMX; whether it is granted", _CPUINFO)
    return Cpu(
        vendor=clean(first.get("vendor_id")) or _ARM_VENDORS.get(_hexadecimal(first.get("CPU implementer"))),
        model=clean(first.get("model name")) or _arm_model(first),
        features=features,
        physical_cores=_physical_cores(watch, blocks),
        logical_cores=logical,
        usable_cores=_usable_cores(watch, logical),
    )


def _usable_cores(watch: Watch, logical: int | None) -> float | None:
    root = watch.machine.root
    bounds = {
        "processors of the machine": logical,
        "affinity of this process": watch.machine.affinity_cores,
        "processor set of a control group": cgroup.cpuset_cores(root),
        "quota of a control group": cgroup.quota_cores(root),
    }
    known = {name: float(cores) for name, cores in bounds.items() if cores}
    if not known:
        watch.note("usable", "unknown", "unreadable: no count is stated", "affinity, cgroup")
        return None
    tightest = min(known, key=lambda name: known[name])
    bounded = logical is None or known[tightest] < logical
    reason = f"bounded: by the {tightest}" if bounded else "unbounded: all processors of the machine"
    watch.note("usable", "yes", reason, "affinity, cgroup")
    return max(0.001, round(known[tightest], 3))


def _blocks(text: str) -> list[Mapping[str, str]]:
    """One mapping for each processor described; other paragraphs (a board's name) are left out."""
    blocks: list[Mapping[str, str]] = []
    for paragraph in re.split(r"\n\s*\n", text):
        pairs = (line.partition(":") for line in paragraph.splitlines())
        block = {name.strip(): value.strip() for name, colon, value in pairs if colon}
        if "processor" in block:
            blocks.append(block)
    return blocks


def _common_features(blocks: list[Mapping[str, str]]) -> tuple[str, ...]:
    """Features that every core has: work moves between cores, and cores may differ."""
    distinct = {block.get("flags") or block.get("Features") or "" for block in blocks}
    if not distinct:
        return ()
    common = set.intersection(*(set(text.split()) for text in distinct))
    return _tidy(common)


def _tidy(features: set[str]) -> tuple[str, ...]:
    return tuple(sorted({kept for feature in features if (kept := clean(feature))}))[:MAX_FEATURES]


def _physical_cores(watch: Watch, blocks: list[Mapping[str, str]]) -> int | None:
    pairs = {(b["physical id"], b["core id"]) for b in blocks if "physical id" in b and "core id" in b}
    if pairs:
        return len(pairs)
    root, base = watch.machine.root, "/sys/devices/system/cpu"
    cpus = [name for name in files.names(root, base) or () if re.fullmatch(r"cpu[0-9]+", name)]
    siblings = {files.read(root, f"{base}/{name}/topology/thread_siblings_list") for name in cpus} - {
        None,
        "",
    }
    return len(siblings) or None


def _hexadecimal(text: str | None) -> int:
    return int(text, 16) if text and re.fullmatch(r"0x[0-9A-Fa-f]{1,8}", text) else -1


def _arm_model(block: Mapping[str, str]) -> str | None:
    part = _hexadecimal(block.get("CPU part"))
    return _ARM_MODELS.get((_hexadecimal(block.get("CPU implementer")), part))


def _macos(watch: Watch) -> Cpu:
    said = sysctl(watch, "machdep.cpu", "hw.optional", "hw.physicalcpu", "hw.logicalcpu")
    if said:
        watch.note("present", "yes", "read: model and features", "sysctl")
    else:
        watch.note("present", "unknown", "no_answer: the tool did not answer", "sysctl")
    listed = f"{said.get('machdep.cpu.features', '')} {said.get('machdep.cpu.leaf7_features', '')}".lower().split()
    optional = [re.sub(r"^hw\.optional\.(?:arm\.)?", "", n) for n, v in said.items() if v == "1" and "optional" in n]
    model = clean(said.get("machdep.cpu.brand_string"))
    vendor = clean(said.get("machdep.cpu.vendor")) or ("Apple" if (model or "").startswith("Apple") else None)
    features = _tidy({_MAC_FEATURES.get(name, name) for name in (*listed, *optional)})
    physical, logical = mac.number(said, "hw.physicalcpu"), mac.number(said, "hw.logicalcpu")
    return Cpu(vendor, model, features, physical, logical, None if logical is None else float(logical))


def _windows(watch: Watch) -> Cpu:
    # Such as "Intel64 Family 6 Model 151 Stepping 2, GenuineIntel".
    model = clean(watch.machine.env.get("PROCESSOR_IDENTIFIER"))
    vendor = clean(model.rpartition(",")[2]) if model and "," in model else None
    watch.note("present", "yes" if model else "unknown", "read: the system's own name for it", "environment")
    numbers = watch.machine.numbers()
    counts = [float(n) for n in (numbers.logical_cores, watch.machine.affinity_cores) if n]
    features = _tidy(set(numbers.features))
    return Cpu(vendor, model, features, numbers.physical_cores, numbers.logical_cores, min(counts, default=None))
