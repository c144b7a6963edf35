"""The machine-learning distributions that are installed, read from their files; nothing is imported or run.

Names and versions are those of `importlib.metadata`; how a distribution was built is read from the constants in its
version files (`ast`, no execution) or from what it requires. The device code of its libraries is counted only where a
graphics processor was seen, and only within a few seconds: one large library takes up to some seconds when its file is
not in memory, and everything else of a profile takes less than one.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Dict, Iterable, Iterator, Mapping, Sequence

from probes.look import fatbin
from probes.look.limits import MAX_CONFLICTS, MAX_SOFTWARE
from probes.look.text import clean, version
from probes.look.watch import Watch
from rules.hardware import Code, Device, Software

if TYPE_CHECKING:
    from importlib.metadata import Distribution

SCAN_LIMIT_S = 5.0
MAX_DISTRIBUTIONS = 5000
MAX_VERSION_FILE_BYTES = 65536

# Import name -> the distributions that own it: two of them at once overwrite each other's files.
OWNERS: Mapping[str, tuple[str, ...]] = {
    "onnxruntime": (
        "onnxruntime",
        "onnxruntime-gpu",
        "onnxruntime-directml",
        "onnxruntime-openvino",
        "onnxruntime-rocm",
        "onnxruntime-migraphx",
        "onnxruntime-training",
        "ort-nightly",
        "ort-nightly-gpu",
    ),
    "tensorflow": (
        "tensorflow",
        "tensorflow-cpu",
        "tensorflow-gpu",
        "tensorflow-rocm",
        "intel-tensorflow",
        "tf-nightly",
        "tf-nightly-cpu",
        "tf-nightly-gpu",
    ),
    "torch": ("torch", "torch-nightly"),
    "jax_cuda": ("jax-cuda12-plugin", "jax-cuda13-plugin"),
    "keras": ("keras", "keras-nightly"),
    "xgboost": ("xgboost", "xgboost-cpu", "xgboost-cu12"),
    "paddle": ("paddlepaddle", "paddlepaddle-gpu"),
    "tflite_runtime": ("tflite-runtime", "tflite-runtime-nightly"),
    "mxnet": ("mxnet", "mxnet-cu112"),
}
_ALONE = """
    torchvision torchaudio torch-xla torch-tpu torch-npu torch-neuronx torch-directml triton jax jaxlib jax-cuda12-pjrt
    jax-cuda13-pjrt jax-rocm7-plugin jax-rocm7-pjrt jax-oneapi-plugin jax-mps jax-metal libtpu flax equinox
    scikit-learn lightgbm catboost onnx onnxruntime-qnn onnxruntime-ep-openvino ai-edge-litert executorch openvino
    tensorrt tensorrt-cu12 tensorrt-cu13 tensorrt-llm mlx mlx-cpu mlx-metal mlx-cuda-12 mlx-cuda-13 coremltools
    tensorflow-metal tensorflow-macos vllm sglang llama-cpp-python tinygrad mindspore transformers diffusers
    pytorch-lightning lightning numpyro pymc ray cupy-cuda12x cupy-cuda13x numpy scipy
"""
KNOWN = frozenset(_ALONE.split()) | frozenset(name for owners in OWNERS.values() for name in owners)

# Distribution -> the file that says how it was built.
_VERSION_FILES: Mapping[str, str] = {
    "torch": "torch/version.py",
    "tensorflow": "tensorflow/python/platform/build_info.py",
    "onnxruntime": "onnxruntime/capi/build_and_package_info.py",
    "paddle": "paddle/version/__init__.py",
}
_SITES = (
    "usr/lib/python3*/*-packages",
    "usr/local/lib/python3*/*-packages",
    "opt/venv/lib/python3*/site-packages",
)
_CUDA_PART = re.compile(r"^(?:nvidia|cupy|jax|mlx)-[a-z0-9-]*cu(?:da)?-?(1[0-9])(?![0-9])")
_TOOLKIT = re.compile(r"^cuda-toolkit(?:\[[^\]]*\])?==([0-9]+\.[0-9]+)")

Constants = Dict[str, object]
SCANNED_FOR = ("nvidia_gpu", "amd_gpu")


@dataclass(frozen=True)
class Installed:
    """What is installed for machine learning, what of it overwrites what, and by name where it lies."""

    software: tuple[Software, ...] = ()
    conflicts: tuple[str, ...] = ()
    where: Mapping[str, Distribution] = field(default_factory=dict)


def look(watch: Watch, paths: Sequence[str] | None = None) -> Installed:
    """What is installed, without its code.

    Args:
        watch: the notebook, with the machine.
        paths: folders to look in; None: this interpreter's, or those of the root and of an active environment.
    """
    known = dict(_known(list(paths) if paths is not None else _paths(watch)))
    found = [_described(name, each) for name, each in sorted(known.items())][:MAX_SOFTWARE]
    watch.note("present", "yes", f"read: {len(found)} distributions for machine learning", "package metadata")
    return Installed(tuple(found), tuple(_conflicts(known))[:MAX_CONFLICTS], known)


def scan(watch: Watch, installed: Installed, devices: Sequence[Device]) -> tuple[Software, ...]:
    """What is installed, with its code where there is a device whose code is worth counting."""
    if not any(device.kind in SCANNED_FOR for device in devices):
        return installed.software
    return tuple(_scanned(watch, installed.software, installed.where))


def _paths(watch: Watch) -> list[str]:
    """Where distributions lie. An active environment counts also when another interpreter runs this."""
    root, env = watch.machine.root, watch.machine.env
    here = list(sys.path) if str(root) == root.anchor else _below(root, _SITES)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if env.get(variable):
            folder = root / env[variable].lstrip("/\\") if str(root) != root.anchor else Path(env[variable])
            here += _below(folder, ("lib/python3*/site-packages", "Lib/site-packages"))
    return list(dict.fromkeys(here))


def _below(folder: Path, patterns: Iterable[str]) -> list[str]:
    return sorted(str(path) for pattern in patterns for path in folder.glob(pattern))


def _known(paths: Sequence[str]) -> Iterator[tuple[str, Distribution]]:
    """Distributions that are known here, by normalised name; of two by one name the first on the path counts."""
    if not paths:
        return
    from importlib.metadata import distributions  # brings modules of the network with it, of which nothing is used

    seen = set()
    for number, each in enumerate(distributions(path=list(paths))):
        if number >= MAX_DISTRIBUTIONS:
            return
        try:
            given = each.metadata["Name"]
        except Exception:  # a metadata file may hold anything, and its readers raise what they like, by version
            given = None
        name = re.sub(r"[-_.]+", "-", str(given)).lower() if given else ""
        if name in KNOWN and name not in seen:
            seen.add(name)
            yield name, each


def _described(name: str, each: Distribution) -> Software:
    try:
        own = clean(each.version) or "0"
        needs = [str(line) for line in each.requires or () if "extra ==" not in str(line)]
    except Exception:  # as above
        own, needs = "0", []
    build, toolkit = _from_file(name, each)
    if build is None:
        build, toolkit = _from_name_or_needs(name, own, needs)
    return Software(name, own, build, version(toolkit) if toolkit else None)


def _from_file(name: str, each: Distribution) -> tuple[str | None, str | None]:
    """(flavour, toolkit) as the distribution's own version file says."""
    package = next((top for top, owners in OWNERS.items() if name in owners), "")
    given = _constants(each, _VERSION_FILES[package]) if package in _VERSION_FILES else {}
    cuda = given.get("cuda") or given.get("cuda_version")
    if isinstance(cuda, str) and version(cuda):
        shown = ".".join(cuda.split(".")[:2])
        return ("cuda" if package == "tensorflow" else "cu" + shown.replace(".", "")), shown
    hip = given.get("hip") or given.get("rocm_version")
    if isinstance(hip, str) and hip:
        shown = ".".join(hip.split(".")[:2])
        return "rocm" + shown, shown
    if isinstance(given.get("xpu"), str):
        return "xpu", str(given["xpu"])
    return ("cpu", None) if given else (None, None)


def _constants(each: Distribution, name: str) -> Constants:
    """The constants that a Python file assigns, and those in its tables and lists of pairs; read, not run."""
    try:
        path = Path(str(each.locate_file(name)))
        if path.stat().st_size > MAX_VERSION_FILE_BYTES:
            return {}
        tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return {}
    found: Constants = {}
    for node in ast.walk(tree):
        for name_of, value in _pairs(node):
            if isinstance(value, ast.Constant):
                found[name_of] = value.value
    return found


def _pairs(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """(name, value) of what a part of a file says of constants: an assignment, a table, or a pair in a list."""
    if isinstance(node, ast.Assign):
        yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value
    elif isinstance(node, ast.Dict):
        keyed = zip(node.keys, node.values)
        yield from ((str(key.value), value) for key, value in keyed if isinstance(key, ast.Constant))
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant):
        yield str(node.elts[0].value), node.elts[1]


def _from_name_or_needs(name: str, own: str, needs: Sequence[str]) -> tuple[str | None, str | None]:
    """(flavour, toolkit) from the local part of the version, the name, or the toolkit's parts that are required."""
    local = own.partition("+")[2]
    if local:
        return clean(local), None
    toolkits = [match[1] for match in (_TOOLKIT.match(need) for need in needs) if match]
    parts = [match[1] for match in (_CUDA_PART.match(text) for text in (name, *needs)) if match]
    for toolkit in (*toolkits, *parts):
        return None, toolkit
    return None, None


def _conflicts(known: Mapping[str, Distribution]) -> Iterator[str]:
    for package, owners in sorted(OWNERS.items()):
        both = [name for name in owners if name in known]
        if len(both) > 1:
            yield f"{' and '.join(both)} are both installed and own {package}: only one of them is used"


def _scanned(watch: Watch, found: Sequence[Software], known: Mapping[str, Distribution]) -> list[Software]:
    """The distributions with the code in their libraries, as far as the time reaches; the smallest first."""
    ends_at = watch.machine.clock() + watch.limit_s(SCAN_LIMIT_S)
    missed: list[str] = []
    cut: list[str] = []
    unread: list[str] = []
    made = {each.name: each for each in found}
    libraries = {each.name: list(_libraries(known[each.name])) for each in found}
    for each in sorted(found, key=lambda software: (_bytes(libraries[software.name]), software.name)):
        if watch.machine.clock() >= ends_at:
            missed.append(each.name)
            continue
        seen = fatbin.scan_files(libraries[each.name], Path(), watch.machine.clock, ends_at)
        if seen.faults:
            over = watch.machine.clock() >= ends_at
            (missed if over else unread).append(each.name if over else f"{each.name} ({seen.faults[0]})")
            continue
        made[each.name] = replace(each, code=_short(seen.code))
        if seen.left_out:
            cut.append(each.name)
    for names, reason in (
        (missed, "not_scanned: the time was over before the code of {} was read"),
        (unread, "not_read: the code is not known of {}"),
        (cut, "code_cut: only the libraries with the most code are listed of {}"),
    ):
        if names:
            shown = ", ".join(names[:8]) + (" and more" if len(names) > 8 else "")
            watch.note("usable", "unknown", reason.format(shown), "files")
    return [made[each.name] for each in found]


def _bytes(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file())


def _short(code: Iterable[Code]) -> tuple[Code, ...]:
    """The code with names of libraries that fit a profile."""
    return tuple(replace(each, library=clean(each.library) or "library") for each in code)


def _libraries(each: Distribution) -> Iterator[Path]:
    try:
        listed = each.files or ()
    except Exception:  # a record may hold anything, as above
        return
    for number, name in enumerate(listed):
        if number >= fatbin.MAX_FILES:
            return
        if fatbin.is_telling(name.name):
            path = Path(str(each.locate_file(name)))
            if path.is_file():
                yield path
