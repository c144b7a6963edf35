"""Installed distributions are read from their files, never imported; whatever those hold, a profile comes out."""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

import probes
from probes.look import fatbin, software
from probes.look.survey import survey
from probes.look.watch import Watch
from rules.hardware import Device, Software
from tests.probes.conftest import MachineAt
from tests.probes.fat_binaries import MACHINE, fat

Install = Callable[..., None]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    return folder


@pytest.fixture
def install(site: Path) -> Install:
    def add(name: str, version: str, files: dict[str, bytes] | None = None, needs: tuple[str, ...] = ()) -> None:
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        head = [
            "Metadata-Version: 2.1",
            f"Name: {name}",
            f"Version: {version}",
            *(f"Requires-Dist: {n}" for n in needs),
        ]
        (info / "METADATA").write_text("\n".join(head) + "\n\n", encoding="utf-8")
        for path, content in (files or {}).items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_bytes(content)
        (info / "RECORD").write_text("".join(f"{path},,\n" for path in files or {}), encoding="utf-8")

    return add


CARD = Device("nvidia_gpu", None, None, "8.9", "580", None, "yes", "yes", "yes")
Found = tuple[tuple[Software, ...], tuple[str, ...]]


def seen(machine_at: MachineAt, site: Path, *, gpu: bool = False, **seams: object) -> tuple[Found, Watch]:
    machine = machine_at({}, **seams)
    watch = Watch("software", machine, machine.clock() + 1e6)
    installed = software.look(watch, [str(site)])
    return (software.scan(watch, installed, [CARD] if gpu else []), installed.conflicts), watch


def by_name(found: Found) -> dict[str, tuple[str, str | None, str | None]]:
    return {each.name: (each.version, each.build, each.toolkit_version) for each in found[0]}


def test_how_each_was_built_is_read_from_its_own_files(machine_at: MachineAt, site: Path, install: Install) -> None:
    torch = b"__version__ = '2.15.0+cu132'\ncuda: Optional[str] = '13.2'\nhip: Optional[str] = None\nimport nothing\n"
    install("torch", "2.15.0", {"torch/version.py": torch})
    info = b"import collections\nbuild_info = collections.OrderedDict([('x', ['sm_60']), ('cuda_version', '12.5.1')])\n"
    install("tensorflow", "2.21.0", {"tensorflow/python/platform/build_info.py": info})
    install("onnxruntime-gpu", "1.31.1", {"onnxruntime/capi/build_and_package_info.py": b"cuda_version = '13.0'\n"})
    install("jax-cuda13-plugin", "0.12.0.1")
    install("jax", "0.12.0.1", needs=('jax-cuda12-plugin==0.12.0.1; extra == "cuda12"',))
    install("mlx-cuda-12", "0.32.4")
    install("XGBoost", "3.4.1", needs=("numpy", 'nvidia-nccl-cu13; platform_system == "Linux"'))
    install("torchvision", "0.29.0+cpu")
    install("vllm", "0.33.0", needs=("cuda-toolkit[cublas]==13.0.3", "nvidia-nccl-cu12"))
    install("requests", "2.0")
    found, _ = seen(machine_at, site)
    assert by_name(found) == {
        "torch": ("2.15.0", "cu132", "13.2"),
        "tensorflow": ("2.21.0", "cuda", "12.5"),
        "onnxruntime-gpu": ("1.31.1", "cu130", "13.0"),
        "jax-cuda13-plugin": ("0.12.0.1", None, "13"),
        "jax": ("0.12.0.1", None, None),
        "mlx-cuda-12": ("0.32.4", None, "12"),
        "xgboost": ("3.4.1", None, "13"),
        "torchvision": ("0.29.0+cpu", "cpu", None),
        "vllm": ("0.33.0", None, "13.0"),
    }
    assert found[1] == ()


@pytest.mark.parametrize(
    ("text", "build", "toolkit"),
    [
        (b"cuda = None\nhip = '7.1.2'\n", "rocm7.1", "7.1"),
        (b"cuda = None\nhip = None\nxpu = '20260101'\n", "xpu", "20260101"),
        (b"cuda = None\nhip = None\n", "cpu", None),
        (b"cuda = ", None, None),
        (b"\xff\x00cuda = '13.0'", None, None),
        (b"cuda = '13.0'\n" + b"#" * software.MAX_VERSION_FILE_BYTES, None, None),
        (b"cuda = '" + b"9" * 400 + b"'\n", "cpu", None),
        (b"(" * 5000, None, None),
        (b"raise SystemExit\ncuda = '12.6'\n", "cu126", "12.6"),
    ],
)
def test_version_files_of_any_content(
    machine_at: MachineAt, site: Path, install: Install, text: bytes, build: str | None, toolkit: str | None
) -> None:
    install("torch", "2.15.0", {"torch/version.py": text})
    found, _ = seen(machine_at, site)
    assert by_name(found) == {"torch": ("2.15.0", build, toolkit)}


def test_two_owners_of_one_import_name_are_a_conflict(machine_at: MachineAt, site: Path, install: Install) -> None:
    for name in ("onnxruntime", "onnxruntime-gpu", "tensorflow", "tf_nightly", "keras"):
        install(name, "1.0")
    found, _ = seen(machine_at, site)
    assert found[1] == (
        "onnxruntime and onnxruntime-gpu are both installed and own onnxruntime: only one of them is used",
        "tensorflow and tf-nightly are both installed and own tensorflow: only one of them is used",
    )


def test_broken_metadata_costs_only_itself(machine_at: MachineAt, site: Path, install: Install) -> None:
    install("torch", "2.15.0")
    for number, content in enumerate((b"", b"\xff\xfe\x00", b"Name: torch\x00\n", b"Name: jax\n", b"Name: \n")):
        folder = site / f"bad{number}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_bytes(content)
    (site / "none-1.dist-info").mkdir()
    (site / "jaxlib-1.dist-info").write_text("a file")
    found, _ = seen(machine_at, site)
    assert by_name(found)["torch"] == ("2.15.0", None, None)


def test_code_is_counted_only_where_there_is_a_device_for_it(
    machine_at: MachineAt, site: Path, install: Install
) -> None:
    content = fat([(MACHINE, 80, 9), (MACHINE, 80, 9), (MACHINE, 90, 9)])
    files = {"xgboost/lib/libxgboost.so": content, "xgboost/a.py": b"", "xgboost/b_gfx942.co": b""}
    install("xgboost", "3.4.1", files)
    assert seen(machine_at, site)[0][0][0].code == ()
    found, watch = seen(machine_at, site, gpu=True, clock=lambda: 0.0)
    held = [(each.library, each.kind, each.target, each.entries) for each in found[0][0].code]
    assert held == [("libxgboost.so", "sm", "80", 2), ("libxgboost.so", "sm", "90", 1), ("files", "gfx", "gfx942", 1)]
    assert [finding.state for finding in watch.findings] == ["yes"]


def test_what_the_time_was_too_short_for_is_named(machine_at: MachineAt, site: Path, install: Install) -> None:
    install("xgboost", "3.4.1", {"xgboost/libxgboost.so": fat([(MACHINE, 80, 9)])})
    install("catboost", "1.2", {"catboost/lib.so": fat([(MACHINE, 80, 9)])})
    seconds = count()  # every look at the clock takes one
    found, watch = seen(machine_at, site, gpu=True, clock=lambda: float(next(seconds)))
    assert found[0][1].code == ()
    assert watch.findings[-1].reason.startswith("not_scanned: ")
    assert "xgboost" in watch.findings[-1].reason


def test_what_was_cut_or_not_readable_is_named_by_its_reason(
    machine_at: MachineAt, site: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("xgboost", "3.4.1", {"xgboost/libxgboost.so": fat([(MACHINE, 80, 9), (MACHINE, 90, 9)])})
    install("catboost", "1.2", {"catboost/lib.so": fat([(MACHINE, 80, 9)]) + bytes(100)})
    monkeypatch.setattr(fatbin, "MAX_CODE", 1)
    monkeypatch.setattr(fatbin, "MAX_LIBRARY_BYTES", (site / "catboost/lib.so").stat().st_size - 1)
    found, watch = seen(machine_at, site, gpu=True, clock=lambda: 0.0)
    assert [(each.name, [code.target for code in each.code]) for each in found[0]] == [
        ("catboost", []),
        ("xgboost", ["80"]),
    ]
    unread, cut = [finding.reason for finding in watch.findings[-2:]]
    assert unread.startswith("not_read: ")
    assert "catboost (lib.so: refused" in unread
    assert cut == "code_cut: only the libraries with the most code are listed of xgboost"


def test_a_listed_file_that_is_a_pipe_or_gone_is_passed_over(
    machine_at: MachineAt, site: Path, install: Install
) -> None:
    install("xgboost", "3.4.1", {f"xgboost/{name}": b"" for name in ("gone.so", "gone_gfx942.co", "pipe.so")})
    for path in (site / "xgboost").iterdir():
        path.unlink()
    os.mkfifo(site / "xgboost/pipe.so")
    found, _ = seen(machine_at, site, gpu=True, clock=lambda: 0.0)
    assert found[0][0].code == ()


def test_an_active_environment_and_the_roots_own_folders_are_looked_into(machine_at: MachineAt) -> None:
    metadata = "Metadata-Version: 2.1\nName: {}\nVersion: 1.0\n\n"
    tree = {
        "/usr/lib/python3.12/site-packages/torch-1.dist-info/METADATA": metadata.format("torch"),
        "/home/me/env/lib/python3.13/site-packages/jax-1.dist-info/METADATA": metadata.format("jax"),
    }
    machine = machine_at(tree, env={"VIRTUAL_ENV": "/home/me/env"})
    found = software.look(Watch("software", machine, 1e9))
    assert [each.name for each in found.software] == ["jax", "torch"]


def test_the_profile_holds_it_and_is_read_back(machine_at: MachineAt) -> None:
    metadata = "Metadata-Version: 2.1\nName: {}\nVersion: 1.0\n\n"
    names = ("onnxruntime", "onnxruntime-gpu")
    where = "/usr/lib/python3.12/site-packages"
    machine = machine_at({f"{where}/{name}-1.dist-info/METADATA": metadata.format(name) for name in names})
    found = survey(machine, 1e6, {"nvidia_gpu": lambda _: (CARD,)})
    assert [each.name for each in found.software] == list(names)
    assert len(found.conflicts) == 1
    assert probes.parse(probes.document(found)) == found
