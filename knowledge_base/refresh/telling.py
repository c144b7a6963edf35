"""The facts of a package in sentences, for a note of evidence and for a curator. Nothing is decided here."""

from knowledge_base.refresh.builds import ANY, Builds, Python
from knowledge_base.refresh.findings import Findings, Release
from knowledge_base.refresh.project import Information

PLATFORMS = {
    "linux_x86_64": "Linux x86_64",
    "linux_aarch64": "Linux aarch64",
    "musl_x86_64": "musl x86_64",
    "musl_aarch64": "musl aarch64",
    "windows_x86_64": "Windows x86_64",
    "windows_arm64": "Windows on Arm",
    "macos_arm64": "macOS arm64",
    "macos_x86_64": "macOS x86_64",
    "macos_universal2": "macOS universal",
    ANY: "any system",
}
MB = 1_000_000


def python(version: Python | None) -> str | None:
    """A Python version as text."""
    return None if version is None else f"{version[0]}.{version[1]}"


def release(found: Release) -> str:
    """A release with its day."""
    return f"{found.version} of {found.day.isoformat()}" if found.day else f"{found.version}, of a day not given"


def licence(information: Information | None) -> str | None:
    """The licence that a package gives: its expression, else its classifiers, else its words if they are few."""
    if information is None:
        return None
    if information.licence_expression:
        return information.licence_expression
    named = [each.rpartition(" :: ")[2] for each in information.classifiers if each.startswith("License :: ")]
    named = [each for each in named if each != "OSI Approved"]
    text = information.licence_text
    return ", ".join(named) or (text if text and len(text) <= 60 else None)


def summed_up(found: Findings) -> str:
    """Everything that the newest release of a package tells, in sentences; empty without a newest release."""
    if found.newest is None:
        return ""
    parts = [
        f"The newest stable release of the package {found.package} is {release(found.newest)}",
        _pace(found),
        _wheels(found.builds),
        f"Python {found.requires_python} is required" if found.requires_python else "",
        _sizes(found.builds),
        _yanked(found),
    ]
    given = licence(found.information)
    parts.append(f"Its metadata give the licence {given}" if given else "")
    return ". ".join(each for each in parts if each) + "."


def _pace(found: Findings) -> str:
    if found.stable_in_12_months is None:
        return ""
    return f"Stable releases in twelve months: {found.stable_in_12_months}, in twenty-four: {found.stable_in_24_months}"


def _wheels(found: Builds) -> str:
    if not found.has_wheels:
        return "There is a source archive and no wheel" if found.has_source else ""
    pythons = []
    if found.pythons:
        ends = python(found.pythons[0]), python(found.pythons[-1])
        pythons.append(f"CPython {ends[0]}" if ends[0] == ends[1] else f"CPython {ends[0]} to {ends[1]}")
    if found.open_from:
        from_on = "any Python 3" if found.open_from == (3, 0) else f"any Python from {python(found.open_from)}"
        pythons.append(from_on)
    if found.free_threaded:
        pythons.append(f"free-threaded {' and '.join(str(python(each)) for each in found.free_threaded)}")
    return f"Wheels are for {', '.join(pythons)} on {_platforms(found)}"


def _platforms(found: Builds) -> str:
    known = [name for each, name in PLATFORMS.items() if each in found.platforms]
    others = sorted(each for each in found.platforms if each not in PLATFORMS and each != "other")
    return ", ".join([*known, *(each.replace("_", " ") for each in others)]) or "other systems"


def _sizes(found: Builds) -> str:
    told = [
        f"{size / MB:,.1f} MB for {PLATFORMS[platform]}"
        for platform, size in found.sizes_bytes.items()
        if platform in ("linux_x86_64", "linux_aarch64", "windows_x86_64", "macos_arm64", ANY)
    ]
    return f"Sizes of the newest wheels: {', '.join(told)}" if told else ""


def _yanked(found: Findings) -> str:
    versions = [str(each.version) for each in found.yanked]
    if not versions:
        return ""
    verb = "is" if len(versions) == 1 else "are"
    shown = ", ".join(versions[-3:])
    return f"Of {len(found.releases)} releases {len(versions)} {verb} yanked, the last by number being {shown}"


def uneven(found: Builds) -> str | None:
    """Where the newest Python differs from system to system, in words; None where it does not."""
    by_python: dict[Python, list[str]] = {}
    for platform, newest in found.newest_by_platform.items():
        if platform in PLATFORMS:
            by_python.setdefault(newest, []).append(PLATFORMS[platform])
    if len(by_python) < 2:
        return None
    return "; ".join(f"{python(each)} on {', '.join(names)}" for each, names in sorted(by_python.items()))
