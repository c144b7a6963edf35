"""The house as it is drawn: layers, quiet imports, sizes, and what the source may not do."""

import ast
import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = SETTINGS["tool"]["uv"]["build-backend"]["module-name"]
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module(path: Path) -> str:
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)} imports relatively"
            yield str(node.module)


def called(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


# --- Layers ----------------------------------------------------------------------------------------------------------


def test_the_contracts_between_layers_are_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
    assert ", 0 broken" in done.stdout


def test_every_package_is_placed_in_a_layer() -> None:
    assert set(SETTINGS["tool"]["importlinter"]["root_packages"]) == set(PACKAGES)
    (layers,) = (c["layers"] for c in SETTINGS["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    assert {package.strip() for layer in layers for package in layer.split("|")} == set(PACKAGES)


def test_the_core_needs_nothing_but_the_language_and_numpy() -> None:
    outside = {
        "os",
        "sys",
        "io",
        "time",
        "datetime",
        "random",
        "secrets",
        "socket",
        "pathlib",
        "subprocess",
        "urllib",
        "http",
        "sqlite3",
        "shutil",
        "tempfile",
        "threading",
        "asyncio",
        "logging",
    }
    for path in SOURCES:
        if module(path).split(".")[0] == "rules":
            tops = {found.split(".")[0] for found in imported(path)}
            assert tops <= {*sys.stdlib_module_names, "numpy", "rules"}, name(path)
            assert not tops & outside, f"{name(path)} reaches out of the core"


def test_databases_are_constructed_in_one_place() -> None:
    makers = {name(path) for path in SOURCES for function, _ in called(path) if function.split(".")[-1] == "Database"}
    assert makers == {"advisor/bootstrap.py"}


# --- Quiet imports ---------------------------------------------------------------------------------------------------

QUIET = """
import importlib, json, os, sys
noted = []
LOUD = ("socket.connect", "socket.bind", "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen", "os.system",
        "os.exec", "os.fork", "os.posix_spawn", "os.mkdir", "os.remove", "os.rename", "os.chmod", "ctypes.dlopen")
def hook(event, arguments):
    if event in LOUD and not (event == "ctypes.dlopen" and arguments[0] is None):
        noted.append([current, event, repr(arguments)[:200]])
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        noted.append([current, event, repr(arguments)[:200]])
current = "start"
sys.addaudithook(hook)
for current in sys.argv[1:]:
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    importlib.import_module(current)
    after = set(os.listdir("/proc/self/fd")) if before else set()
    if len(after) > len(before):
        noted.append([current, "descriptor", str(after - before)])
print(json.dumps(noted))
"""


def test_importing_opens_nothing_writes_nothing_and_starts_nothing(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "STEELYARD_HOME": str(tmp_path / "home"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }
    modules = [module(path) for path in SOURCES if path.name != "__main__.py"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET, *modules],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    ours = [note for note in json.loads(done.stdout.splitlines()[-1]) if note[1] != "ctypes.dlopen"]
    assert ours == []
    assert list(tmp_path.iterdir()) == []


# --- The shape of the source -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_module_says_what_it_is_for_and_is_not_too_long(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if text.strip():
        assert ast.get_docstring(tree(path)), f"{name(path)} has no docstring"
    assert text.count("\n") <= MAX_MODULE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_function_is_too_long(path: Path) -> None:
    long = {
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert long == set()


FORBIDDEN = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "pickle.loads",
    "pickle.load",
    "yaml.load",
    "marshal.loads",
    "input",
    "breakpoint",
}


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_the_source_evaluates_nothing_and_does_not_know_that_it_is_tested(path: Path) -> None:
    for function, node in called(path):
        assert function not in FORBIDDEN, f"{name(path)}:{node.lineno} calls {function}"
        shells = [k for k in node.keywords if k.arg == "shell" and ast.unparse(k.value) != "False"]
        assert not shells, f"{name(path)}:{node.lineno} starts a shell"
    assert not {"pytest", "unittest", "hypothesis", "tests"} & {found.split(".")[0] for found in imported(path)}
    assert "PYTEST" not in path.read_text(encoding="utf-8")


# --- The tests -------------------------------------------------------------------------------------------------------


def test_test_modules_have_names_of_their_own_and_no_packages() -> None:
    found = [path for path in (ROOT / "tests").rglob("*.py") if "__pycache__" not in path.parts]
    names = Counter(path.name for path in found if path.name.startswith("test_"))
    assert [each for each, times in names.items() if times > 1] == []
    assert [name(path) for path in found if path.name == "__init__.py"] == []
