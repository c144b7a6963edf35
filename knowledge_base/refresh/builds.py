"""What the wheels of one release run on: Pythons, systems, processors, C libraries, free-threaded builds, sizes.

Tags as in the platform compatibility tags specification (PEP 425, 600, 656). A wheel for `abi3` or `py3` has a lowest
Python and no highest; what the highest is has to be asked of `Requires-Python` and of the classifiers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag

from knowledge_base.refresh.project import File

Python = tuple[int, int]

LAST_PYTHON_THOUGHT_OF = 30
ANY = "any"
_PYTHON_CLASSIFIER = re.compile(r"^Programming Language :: Python :: 3\.(\d{1,2})$")
_SPECIFIC = re.compile(r"^cp3(\d{1,2})$")
_FREE_THREADED = re.compile(r"^cp3(\d{1,2})t$")
_PROCESSORS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Builds:
    """The wheels of a release, summed up.

    Attributes:
        pythons: CPythons with a wheel of their own, in order.
        open_from: the lowest Python of the wheels that have no highest (`abi3`, `py3`); None without such wheels.
        free_threaded: CPythons with a wheel for the build without the global lock.
        platforms: such as `linux_x86_64`, `musl_aarch64`, `windows_arm64`, `macos_x86_64`, or `any`.
        newest_by_platform: platform -> newest CPython with a wheel of its own there.
        sizes_bytes: platform -> size of its largest wheel for its newest Python.
        has_source: whether there is a source archive.
    """

    pythons: tuple[Python, ...]
    open_from: Python | None
    free_threaded: tuple[Python, ...]
    platforms: frozenset[str]
    newest_by_platform: Mapping[str, Python]
    sizes_bytes: Mapping[str, int]
    has_source: bool

    @property
    def has_wheels(self) -> bool:
        """Whether there is any wheel."""
        return bool(self.platforms)

    @property
    def is_pure(self) -> bool:
        """Whether every wheel runs on any system: then the wheels say nothing of what lies beneath the package."""
        return self.platforms == {ANY}


def builds(files: Iterable[File]) -> Builds:
    """The builds among the files of one release."""
    own: dict[str, set[Python]] = {}
    open_ended: list[Python] = []
    free: set[Python] = set()
    platforms: set[str] = set()
    sizes: dict[str, tuple[Python, int]] = {}
    has_source = False
    for file in files:
        has_source = has_source or not file.is_wheel
        for tag in file.tags:
            where, python = _platform(tag.platform), _python(tag)
            if where is None or python is None:
                continue
            platforms.add(where)
            if _FREE_THREADED.match(tag.abi):
                free.add(python)
            elif _is_open(tag):
                open_ended.append(python)
            else:
                own.setdefault(where, set()).add(python)
            if file.size_bytes is not None:
                sizes[where] = max(sizes.get(where, ((0, 0), 0)), (python, file.size_bytes))
    return Builds(
        pythons=tuple(sorted({python for each in own.values() for python in each})),
        open_from=min(open_ended, default=None),
        free_threaded=tuple(sorted(free)),
        platforms=frozenset(platforms),
        newest_by_platform={where: max(each) for where, each in sorted(own.items())},
        sizes_bytes={where: size for where, (_, size) in sorted(sizes.items())},
        has_source=has_source,
    )


def _python(tag: Tag) -> Python | None:
    """The Python that a tag is for, its lowest where it is open-ended; None for Python 2 and other interpreters."""
    if tag.interpreter == "py3":
        return (3, 0)
    found = re.match(r"^(?:cp|py)3(\d{1,2})$", tag.interpreter)
    return (3, int(found[1])) if found else None


def _is_open(tag: Tag) -> bool:
    return tag.abi == "abi3" or tag.interpreter.startswith("py") or not _SPECIFIC.match(tag.abi)


def _platform(platform: str) -> str | None:
    """System and processor of a platform tag; `other` for one that is not told apart here."""
    if platform == ANY:
        return ANY
    system, processor = _split(platform)
    if system is None:
        return "other"
    return f"{system}_{processor}"


def _split(platform: str) -> tuple[str | None, str]:
    processor = next((told for end, told in _PROCESSORS.items() if platform.endswith("_" + end)), "other")
    if platform.startswith("musllinux_"):
        return "musl", processor
    if platform.startswith(("manylinux", "linux_")):
        return "linux", processor
    if platform.startswith("win"):
        return "windows", "x86" if platform == "win32" else processor
    if platform.startswith("macosx_"):
        return "macos", "universal2" if platform.endswith("_universal2") else processor
    return None, processor


def runs_on(found: Builds, platform: str) -> bool:
    """Whether there is a wheel made for a platform such as `macos_x86_64`; a universal wheel is one for both Macs."""
    universal = platform.startswith("macos_") and "macos_universal2" in found.platforms
    return platform in found.platforms or universal


def allowed(requires_python: str | None) -> list[Python] | None:
    """The Pythons 3.x that a `Requires-Python` lets in, up to 3.30; None where it says nothing that can be read."""
    if requires_python is None:
        return None
    try:
        wanted = SpecifierSet(requires_python)
    except InvalidSpecifier:
        return None
    # A patch release far in the line: `>=3.9.2` lets 3.9 in, `<3.13` does not let 3.13 in.
    return [(3, minor) for minor in range(LAST_PYTHON_THOUGHT_OF + 1) if wanted.contains(f"3.{minor}.99")]


def claimed(classifiers: Iterable[str]) -> list[Python]:
    """The Pythons 3.x that classifiers name, in order."""
    return sorted((3, int(found[1])) for each in classifiers if (found := _PYTHON_CLASSIFIER.match(each)))


@dataclass(frozen=True, slots=True)
class Span:
    """The Pythons with a released binary; `newest` is a lower bound where `is_open`. None is what cannot be told."""

    oldest: Python | None = None
    newest: Python | None = None
    is_open: bool = False


def span(found: Builds, requires_python: str | None, classifiers: Iterable[str]) -> Span:
    """The Pythons with a released binary.

    Wheels of their own count first. Open-ended wheels reach as far as `Requires-Python` says or, where it has no end,
    at least as far as the classifiers claim.
    """
    if not found.has_wheels:
        return Span()
    let_in = allowed(requires_python)
    own = [python for python in found.pythons if let_in is None or python in let_in]
    if found.open_from is None:
        return Span(own[0], own[-1]) if own else Span()
    reachable = [python for python in let_in or [] if python >= found.open_from]
    oldest = min([*own, *reachable[:1]], default=None) if reachable else None
    if reachable and reachable[-1] != (3, LAST_PYTHON_THOUGHT_OF):
        return Span(oldest, reachable[-1])
    named = [python for python in claimed(classifiers) if let_in is None or python in let_in]
    return Span(oldest, max([*own[-1:], *named], default=None), is_open=True)
