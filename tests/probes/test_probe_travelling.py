"""The probe as one file: readable, the same every time, and under every Python at hand what it is here."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import probes
from probes import travelling
from rules.hardware import Profile
from tests import pythons

Plant = Callable[..., Path]

NEW = sorted(version for version in pythons.found() if pythons.is_new_enough(version))
OLD = sorted(version for version in pythons.found() if not pythons.is_new_enough(version))


@pytest.fixture(scope="module")
def root(plant: Plant, pci: Callable[..., dict[str, str | None]]) -> Path:
    return plant(
        {
            "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
            "/etc/hostname": "zweistein\n",
            "/etc/os-release": 'PRETTY_NAME="Some Linux of zweistein 7"\n',
            "/proc/cpuinfo": "processor : 0\nvendor_id : GenuineIntel\nmodel name : Test CPU\nflags : avx avx2\n\n" * 2,
            "/proc/meminfo": "MemTotal: 1048576 kB\nMemAvailable: 524288 kB\n",
            "/proc/self/cgroup": "0::/a/b\n",
            "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            "/sys/fs/cgroup/a/memory.max": "268435456\n",
            "/sys/fs/cgroup/a/memory.current": "1048576\n",
            **pci("0000:65:00.0", "0x10de", "0x2684", "0x030000"),
        }
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("travelling") / "probe.py"
    path.write_text(travelling.source(), encoding="utf-8", newline="\n")
    # What lies beside it is none of its business.
    (path.parent / "json.py").write_text("raise SystemExit('the wrong json')\n")
    (path.parent / "probes").mkdir()
    (path.parent / "probes" / "__init__.py").write_text("raise SystemExit('the wrong probes')\n")
    return path


def run(python: str, *arguments: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("STEELYARD_", "PYTHON"))}
    return subprocess.run(
        [python, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
        cwd="/",
    )


def lasting(document: dict[str, Any]) -> dict[str, Any]:
    """What two looks at one machine have in common: no times, and not the interpreter."""
    kept = json.loads(json.dumps(document))
    for name in ("captured_at", "elapsed_ms", "software", "conflicts", "disks", "overrides"):
        kept.pop(name, None)
    for name in ("python_version", "free_threaded", "python_implementation", "libc", "libc_version"):
        kept["host"].pop(name, None)
    kept["findings"] = [
        {**each, "elapsed_ms": 0} for each in kept["findings"] if each["probe"] not in ("software", "disk")
    ]
    return dict(kept)


@pytest.mark.parametrize("version", NEW)
def test_it_says_what_the_package_says(version: str, file: Path, root: Path) -> None:
    done = run(pythons.found()[version], file, "--json", "--root", root)
    assert (done.returncode, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    assert printed["host"]["python_version"].startswith(version)
    here = probes.document(probes.local(root=root))
    assert lasting(printed) == lasting(here)
    assert isinstance(probes.parse(printed), Profile)
    assert not [finding for finding in printed["findings"] if finding["reason"].startswith("probe_failed")]
    assert printed["memory"]["limit_bytes"] == 2**28
    assert printed["host"]["os_name"] == "Some Linux of [host] 7"
    assert "zweistein" not in done.stdout


@pytest.mark.parametrize("version", NEW)
def test_this_machine_too_and_the_report_fits_a_terminal(version: str, file: Path) -> None:
    done = run(pythons.found()[version], file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "probe_failed" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize("version", OLD or [pytest.param("", marks=pytest.mark.skip(reason="no older Python here"))])
def test_an_older_python_is_told_in_a_sentence(version: str, file: Path) -> None:
    done = run(pythons.found()[version], file)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"This probe needs Python 3.8 or newer; this is Python {version}.\n"


def test_the_outer_file_parses_where_it_can_only_refuse() -> None:
    """Nothing in it is newer than what Python 2.7 and the first 3 both read: checked by what is never used."""
    tree = ast.parse(travelling.source())
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Nonlocal, ast.Starred)
    for node in ast.walk(tree):
        assert not isinstance(node, newer), ast.dump(node)
        if isinstance(node, ast.FunctionDef):
            assert not node.returns
            assert not node.args.kwonlyargs
            assert not any(argument.annotation for argument in node.args.args)


def test_it_runs_from_standard_input(root: Path) -> None:
    done = run(sys.executable, "-", "--json", "--root", root, stdin=travelling.source())
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["cpu"]["model"] == "Test CPU"


def test_the_same_modules_give_the_same_bytes_and_every_module_is_in_it_as_it_is() -> None:
    text = travelling.source()
    assert text == travelling.source()
    room = Path(probes.__file__).parent / "look"
    files = [*room.rglob("*.py"), room.parents[1] / "rules" / "hardware.py"]
    assert len(travelling.modules()) == len(files) + 2
    for path in files:
        assert path.read_text(encoding="utf-8") in text, f"{path.name} is not readable in the file"


def test_nothing_of_ours_is_imported_that_does_not_travel() -> None:
    packed = travelling.modules()
    for name, source in packed.items():
        for node in ast.walk(ast.parse(source)):
            wanted = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            wanted += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for each in wanted:
                top = each.split(".")[0]
                assert each in packed or top in sys.stdlib_module_names | {"psutil", "pynvml"}, (name, each)


def test_the_source_of_a_module_can_be_asked_of_its_loader(file: Path) -> None:
    script = (
        "import runpy, sys; sys.argv = ['probe.py', '--json']\n"
        f"names = runpy.run_path({str(file)!r})\n"
        "sys.meta_path.insert(0, names['Packed']())\n"
        "import importlib, inspect, probes.look.text as text\n"
        "spec = importlib.util.find_spec('probes.look.nvml_child')\n"
        "assert 'def main' in spec.loader.get_source('probes.look.nvml_child')\n"
        "assert inspect.getsource(text.clean).startswith('def clean')\n"
    )
    done = run(sys.executable, "-c", script)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "text", ["plain\n", 'a """ b\n', "a ''' b\n", "no line break", "back\\slash \\n \\\n", "nul \0\n", "é ☃\n", "a\r\n"]
)
def test_a_text_comes_back_from_its_literal(text: str) -> None:
    assert ast.literal_eval(travelling.literal(text)) == text


def test_readable_texts_stay_readable() -> None:
    assert travelling.literal('say "hi" \\d+\n') == "r'''say \"hi\" \\d+\n'''"
