"""What a profile may not tell: whose machine it is.

Host names, user names, home folders, serial numbers, network addresses of cards and universal ids are taken out of
every text; what has to be recognised again, a device or the machine, is a salted hash already (`probes.look.identity`).
It knows where a machine keeps such names, and not what a profile is for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from threading import Thread
from typing import Any, Callable, Iterator

from probes.look import files
from probes.look.machine import Machine
from probes.look.text import clean
from rules.hardware import Profile

# Mark -> what it stands in the place of.
MARKS = {
    "[host]": "host name",
    "[user]": "user name",
    "[home]": "home folder",
    "[serial]": "serial number",
    "[mac]": "network card",
    "[id]": "universal id",
    "[key]": "credentials",
}
READING_LIMIT_S = 1.0
SHORTEST_NAME = 2
# Shorter names are taken out as whole words only, or they would tear other words apart.
SHORTEST_ANYWHERE = 4

# Names so common that they tell nobody apart, and words of the trade that stand in every profile.
_COMMON = frozenset(
    (
        *("root", "user", "admin", "localhost", "localdomain", "local", "host", "none", "null", "unknown", "default"),
        *("linux", "windows", "darwin", "macos", "wsl", "ubuntu", "debian", "fedora", "arch", "alpine", "android"),
        *("nvidia", "intel", "amd", "apple", "google", "qualcomm", "arm", "aws", "azure", "tegra", "jetson", "pi"),
        *("cpu", "gpu", "tpu", "npu", "cuda", "rocm", "python", "cloud", "docker", "container", "kernel", "driver"),
        *("memory", "disk", "home", "yes", "no"),
    )
)
_HOST_FILES = ("/etc/hostname", "/proc/sys/kernel/hostname", "/etc/mailname")
_HOST_VARIABLES = ("HOSTNAME", "COMPUTERNAME", "HOST", "USERDOMAIN")
_USER_VARIABLES = ("USER", "LOGNAME", "USERNAME", "SUDO_USER", "LNAME")
_HOME_VARIABLES = ("HOME", "USERPROFILE")
_SERIAL_FILES = (
    *(f"/sys/class/dmi/id/{name}_{kind}" for name in ("product", "board", "chassis") for kind in ("serial", "uuid")),
    "/sys/class/dmi/id/chassis_asset_tag",
    "/proc/device-tree/serial-number",
    "/sys/firmware/devicetree/base/serial-number",
)
_SERIAL_FOLDERS = (
    ("/sys/bus/usb/devices", "serial"),
    ("/sys/bus/pci/devices", "unique_id"),
    ("/sys/bus/pci/devices", "serial_number"),
    ("/sys/class/drm", "device/unique_id"),
    ("/sys/class/nvme", "serial"),
    ("/sys/class/infiniband", "node_guid"),
    ("/sys/class/net", "address"),
)
_PATTERNS = (
    (re.compile(r"(?<=://)[^/\s@]+(?=@)"), "[key]"),
    (re.compile(r"(?i)(?<![0-9a-f])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f])"), "[mac]"),
    (re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])"), "[id]"),
    (re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{32,64}(?![0-9a-f])"), "[id]"),
    (re.compile(r"(?i)(?:/(?:var/)?home|/users|[a-z]:\\users)[/\\][^/\\\s:;,'\"]+"), "[home]"),
)

Scrub = Callable[[str], str]


def redacted(profile: Profile, scrub: Scrub) -> Profile:
    """The profile without what would tell whose machine it is; every field that holds text of outside is gone over."""
    devices = tuple(
        _over(scrub, device, ("name", "architecture", "partition", "address")) for device in profile.devices
    )
    findings = tuple(_over(scrub, finding, ("reason", "source", "raw")) for finding in profile.findings)
    software = tuple(_over(scrub, each, ("name", "version", "build")) for each in profile.software)
    told = tuple(
        replace(each, about=scrub(each.about), said=tuple((scrub(source), scrub(value)) for source, value in each.said))
        for each in profile.contradictions
    )
    whole: Profile = _over(scrub, profile, ("label", "os_name", "cpu_vendor", "cpu_model", "kernel", "hypervisor"))
    return replace(
        whole,
        devices=devices,
        findings=findings,
        software=software,
        contradictions=told,
        conflicts=tuple(scrub(text) for text in profile.conflicts),
        overrides=tuple((name, scrub(value)) for name, value in profile.overrides),
    )


def scrubber(machine: Machine) -> Scrub:
    """A function that takes the machine's own names out of a text.

    They are read from now on, and waited for at the first text: a file that does not come back costs a profile no time,
    and the names that were found before it count.
    """
    found: dict[str, str] = {}
    ends_at = machine.clock() + READING_LIMIT_S
    reading = Thread(target=_gather, args=(machine, found), name="redaction", daemon=True)
    try:
        reading.start()
    except (RuntimeError, MemoryError):  # no thread can be started: rather wait for a file than leave names in
        _gather(machine, found)

    @lru_cache(maxsize=None)
    def patterns() -> list[tuple[re.Pattern[str], str]]:
        if reading.ident is not None:
            reading.join(max(0.0, ends_at - machine.clock()))
        names = sorted(dict(found).items(), key=lambda pair: (-len(pair[0]), pair[0]))  # a whole name before its parts
        return [(_pattern(name), mark) for name, mark in names] + list(_PATTERNS)

    def scrub(text: str) -> str:
        for pattern, mark in patterns():
            text = pattern.sub(mark, text)
        return clean(text) or "none"

    return scrub


def _over(scrub: Scrub, value: Any, names: tuple[str, ...]) -> Any:
    """A dataclass with some of its texts gone over."""
    texts: dict[str, str] = {name: getattr(value, name) for name in names if getattr(value, name) is not None}
    return replace(value, **{name: scrub(text) for name, text in texts.items()})


def _pattern(name: str) -> re.Pattern[str]:
    bounded = re.escape(name) if len(name) >= SHORTEST_ANYWHERE else rf"(?<!\w){re.escape(name)}(?!\w)"
    return re.compile(bounded, re.IGNORECASE)


def _gather(machine: Machine, found: dict[str, str]) -> None:
    """Every name to be taken out, with its mark."""
    # Serial numbers come last: they lie with devices, whose files are those that may hang.
    for mark, names in (
        ("[home]", _homes(machine)),
        ("[host]", _hosts(machine)),
        ("[user]", _users(machine)),
        ("[serial]", _serials(machine)),
    ):
        for name in names:
            if len(name) >= SHORTEST_NAME and name.lower() not in _COMMON and not name.isspace():
                found.setdefault(name, mark)


def _hosts(machine: Machine) -> Iterator[str]:
    yield from (part for name in _HOST_VARIABLES for part in _parts(machine.env.get(name)))
    yield from (part for path in _HOST_FILES for part in _parts(files.read(machine.root, path)))


def _parts(host: str | None) -> Iterator[str]:
    """A host's name, and, where it says a domain, both halves."""
    name = (host or "").strip().rstrip(".")
    yield name
    yield from name.split(".", 1) if "." in name else ()


def _users(machine: Machine) -> Iterator[str]:
    yield from (machine.env.get(name, "") for name in _USER_VARIABLES)
    yield from (fields[0] for fields in _accounts(machine))


def _homes(machine: Machine) -> Iterator[str]:
    homes = [machine.env.get(name, "") for name in _HOME_VARIABLES]
    for home in (*homes, *(fields[5] for fields in _accounts(machine))):
        if len(home.strip("/\\")) > 1 and home.rstrip("/") not in ("/root", "/home", "/nonexistent", "/tmp"):  # noqa: S108
            yield home.rstrip("/\\")


def _accounts(machine: Machine) -> Iterator[tuple[str, ...]]:
    """The accounts of people, not of services, which are the same everywhere."""
    for line in (files.read(machine.root, "/etc/passwd") or "").splitlines():
        fields = tuple(line.split(":"))
        if len(fields) >= 7 and fields[2].isdecimal() and 1000 <= int(fields[2]) < 65534:
            yield fields


def _serials(machine: Machine) -> Iterator[str]:
    places = [*_SERIAL_FILES]
    for folder, name in _SERIAL_FOLDERS:
        places += [f"{folder}/{entry}/{name}" for entry in files.names(machine.root, folder) or ()]
    for place in places:
        text = files.read(machine.root, place) or ""
        if 5 <= len(text) <= 128 and len(set(text) - set(":-")) > 2:  # "0000000000" and "00:00:00..." name nothing
            yield text
    match = re.search(r"(?m)^Serial\s*:\s*(\S+)", files.read(machine.root, "/proc/cpuinfo") or "")
    if match and len(set(match[1])) > 2:
        yield match[1]
