"""Ids that can be passed on: salted hashes instead of serial numbers, UUIDs and the machine's own id.

The salt is the machine's id, so that a hash is the same on one machine and means nothing elsewhere (machine-id(5) asks
for a keyed hash). Where no id is found there is no hash: an unsalted one could be compared across machines.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from probes.look import files
from probes.look.machine import Machine
from probes.look.watch import Watch

DIGITS = 16
IOREG_LIMIT_S = 2.0

_FILES = ("/etc/machine-id", "/var/lib/dbus/machine-id")
_IOREG = ("/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice")


def host_hash(watch: Watch) -> str | None:
    """The hash that stands for this machine."""
    return salted(machine_id(watch), "host")


def salted(machine_id: str | None, text: str) -> str | None:
    """The hash of a text on a machine: 16 hexadecimal digits; None without a machine's id."""
    if not machine_id:
        return None
    message = f"steelyard/hardware-profile\0{text}"
    return hmac.new(machine_id.encode(), message.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:DIGITS]


def machine_id(watch: Watch) -> str | None:
    """The machine's own id; it is never to leave this process."""
    machine = watch.machine
    if machine.system == "Linux":
        return _of_files(machine)
    if machine.system == "Windows":
        return machine.machine_id()
    if machine.system == "Darwin":
        said = machine.run(_IOREG, watch.limit_s(IOREG_LIMIT_S), machine.env).output
        match = re.search(r'"IOPlatformUUID" = "([0-9A-Fa-f-]{36})"', said)
        return match[1] if match else None
    return None


def _of_files(machine: Machine) -> str | None:
    for path in _FILES:
        text = files.read(machine.root, path) or ""
        if re.fullmatch(r"[0-9a-f]{32}", text):  # it may also be empty, or "uninitialized"
            return text
    return None
