"""Recorded machines: one YAML file each, made into a fake root and a `Machine` whose children answer from a script.

The keys of a file:
    about: what the machine is there to catch.  shape: where the form of its files was seen.
    system, release, arch, python, libc, env, numbers: the seams of `Machine`.
    distribution, cpu, memory_gib: short forms of the usual files of Linux.
    files, dirs, links: path -> text, directories, path -> target. `closed`: nodes that this user may not open.
    pci, usb: devices on a bus (see `_pci`, `_usb`). An entry with `times: 8` stands for eight, numbered by `{n}`.
    nvidia: what the driver's library says, or how asking it fails.  children: answers of other tools.
    expect: what the profile must say.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from probes.look.child import Outcome
from probes.look.machine import Numbers

MACHINES = Path(__file__).parent / "machines"
GIB = 2**30
Tree = dict[str, str | None]
Entry = Mapping[str, Any]
NVIDIA_CHILD = "libnvidia-ml.so"


def names() -> list[str]:
    """Every recorded machine."""
    return sorted(path.stem for path in MACHINES.glob("*.yaml"))


def load(name: str) -> Entry:
    """One recorded machine as it is written."""
    recorded: Entry = yaml.safe_load((MACHINES / f"{name}.yaml").read_text(encoding="utf-8"))
    return recorded


def tree(recorded: Entry) -> Tree:
    """Its files: path -> text, None for a directory, `-> target` for a link."""
    made: Tree = {}
    if "distribution" in recorded:
        made["/etc/os-release"] = f'PRETTY_NAME="{recorded["distribution"]}"\n'
    if "cpu" in recorded:
        made["/proc/cpuinfo"] = _cpuinfo(recorded["cpu"])
    if "memory_gib" in recorded:
        total = int(recorded["memory_gib"] * 2**20)
        made["/proc/meminfo"] = f"MemTotal: {total} kB\nMemAvailable: {total // 2} kB\n"
    for entry in _each(recorded.get("pci", [])):
        made |= _pci(entry)
    for entry in _each(recorded.get("usb", [])):
        made |= _usb(entry)
    made |= dict.fromkeys(recorded.get("dirs", []), None)
    for entry in _each([recorded]):
        made |= {path: str(text) for path, text in entry.get("files", {}).items()}
        made |= {path: f"-> {target}" for path, target in entry.get("links", {}).items()}
    return made


def _each(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Every entry, one with `times` as often as that, with its number put in."""
    for entry in entries:
        for number in range(entry.get("times", 1)):
            yield _numbered(entry, number) if "times" in entry else entry


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, Mapping):
        return {_numbered(k, number): _numbered(v, number) for k, v in value.items() if k != "times"}
    if isinstance(value, list):
        return [_numbered(part, number) for part in value]
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def _cpuinfo(cpu: Entry) -> str:
    """`{cores, vendor, model, flags}` for x86, `{cores, implementer, part, features}` for Arm."""
    lines = {
        "vendor_id": cpu.get("vendor"),
        "model name": cpu.get("model"),
        "flags": cpu.get("flags"),
        "Features": cpu.get("features"),
        "CPU implementer": cpu.get("implementer"),
        "CPU part": cpu.get("part"),
    }
    said = "\n".join(f"{key}\t: {value}" for key, value in lines.items() if value)
    return "".join(f"processor\t: {n}\n{said}\n\n" for n in range(cpu["cores"]))


def _pci(entry: Entry) -> Tree:
    """`{at, id, class, revision, subsystem, driver, group, accel, drm, files}`; `accel` and `drm` make nodes."""
    base = f"/sys/bus/pci/devices/{entry['at']}"
    vendor, device = entry["id"].split(":")
    made: Tree = {f"{base}/vendor": f"0x{vendor}\n", f"{base}/device": f"0x{device}\n"}
    made[f"{base}/class"] = f"0x{entry['class']}\n"
    for key, name in (("revision", "revision"), ("subsystem", "subsystem_device")):
        if key in entry:
            made[f"{base}/{name}"] = f"0x{entry[key]}\n"
    if "driver" in entry:
        made[f"{base}/driver"] = f"-> ../../../bus/pci/drivers/{entry['driver']}"
    if "group" in entry:
        made[f"{base}/iommu_group"] = f"-> ../../../kernel/iommu_groups/{entry['group']}"
    for name in entry.get("drm", []):
        made |= {f"{base}/drm/{name}": None, f"/dev/dri/{name}": ""}
    if "accel" in entry:
        name = entry["accel"]
        # A link to the real place, so that what lies behind it (its driver) is found as on a machine.
        made |= {f"/sys/class/accel/{name}/device": f"-> ../../../bus/pci/devices/{entry['at']}"}
        made |= {f"/dev/accel/{name}": ""}
    made |= {f"{base}/{path}": f"{text}\n" for path, text in entry.get("files", {}).items()}
    return made


def _usb(entry: Entry) -> Tree:
    """`{at, id, product, bus, number}`."""
    base = f"/sys/bus/usb/devices/{entry['at']}"
    vendor, product = entry["id"].split(":")
    made: Tree = {f"{base}/idVendor": f"{vendor}\n", f"{base}/idProduct": f"{product}\n"}
    made |= {f"{base}/busnum": f"{entry['bus']}\n", f"{base}/devnum": f"{entry['number']}\n"}
    made[f"/dev/bus/usb/{entry['bus']:03d}/{entry['number']:03d}"] = ""
    if "product" in entry:
        made[f"{base}/product"] = f"{entry['product']}\n"
    return made


def seams(recorded: Entry, root_of: Callable[[], Path]) -> dict[str, Any]:
    """What replaces the seams of `Machine`."""
    closed = {path.lstrip("/") for path in recorded.get("closed", [])}
    renamed = {"python": "python_version"}
    stated = ("system", "release", "arch", "python", "libc", "env")
    made = {renamed.get(key, key): recorded[key] for key in stated if key in recorded}
    if "numbers" in recorded:
        made["numbers"] = lambda: Numbers(**recorded["numbers"])
    return made | {
        "run": _run(recorded),
        "accessible": lambda path: path.exists() and str(path.relative_to(root_of())) not in closed,
    }


def _run(recorded: Entry) -> Callable[[Sequence[str], float, Mapping[str, str]], Outcome]:
    script = [(child["match"], _outcome(child)) for child in recorded.get("children", [])]
    if "nvidia" in recorded:
        script.append((NVIDIA_CHILD, nvidia(recorded["nvidia"])))

    def run(command: Sequence[str], limit_s: float, env: Mapping[str, str]) -> Outcome:
        said = " ".join(command)
        return next((outcome for match, outcome in script if match in said), Outcome("", "not_started"))

    return run


def _outcome(child: Entry) -> Outcome:
    text = json.dumps(child["json"]) if "json" in child else child.get("text", "")
    return Outcome(text, child.get("trouble"))


def nvidia(said: Entry) -> Outcome:
    """The answer of the child that asks NVIDIA's library: `{trouble}`, `{code}` or `{driver, cuda, devices}`."""
    if "trouble" in said:
        return Outcome("", said["trouble"])
    if "code" in said:
        return Outcome(json.dumps({"code": said["code"]}), None)
    standard = {"code": 0, "pci": None, "memory_code": 0, "instances": None}
    devices = [standard | dict(device) for device in _each(said["devices"])]
    return Outcome(
        json.dumps(
            {"code": 0, "driver": said["driver"], "cuda": said["cuda"], "cuda_library": True, "devices": devices}
        ),
        None,
    )
