"""Asking NVIDIA's command-line tool, the last resort: it hangs where the library hangs, but may be built in where the
library's file is not found.

It knows the tool's words for failures and for values that are not there.
"""

from __future__ import annotations

import re

from probes.look import nvidia_asking, nvidia_libraries
from probes.look.limits import MAX_DEVICES
from probes.look.nvidia_answers import Answer, Gpu, address, failed, size
from probes.look.text import capability, clean, version
from probes.look.watch import Watch

CHILD_LIMIT_S = 10.0
SOURCE = nvidia_libraries.SMI
MIB = 2**20

_FIELDS = ("name", "uuid", "pci.bus_id", "memory.total", "driver_version", "mig.mode.current", "compute_mode")
_NEWER = "compute_cap"  # old drivers do not know it, and then answer nothing at all
_ABSENT = re.compile(r"\[.*\]|N/A|")
# What the tool prints when the library refused -> the library's code.
_SAID = (
    (r"Driver/library version mismatch", 18),
    (r"couldn't communicate with the NVIDIA driver|Driver Not Loaded", 9),
    (r"Insufficient Permissions", 4),
    (r"GPU is lost", 15),
    (r"No devices were found", 28),
    (r"couldn't find libnvidia-ml|NVML Shared Library Not Found", 12),
)


def ask(watch: Watch) -> Answer | None:
    """Ask within the time left, once more with fewer fields for an old driver; None where there is no tool."""
    tool = nvidia_libraries.tool(watch.machine)
    if tool is None:
        return None
    answer = _ask(watch, tool, (*_FIELDS, _NEWER))
    if answer.code == 2:
        return _ask(watch, tool, _FIELDS)
    return answer


def _ask(watch: Watch, tool: str, fields: tuple[str, ...]) -> Answer:
    command = (tool, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits")
    limit_s = watch.limit_s(CHILD_LIMIT_S)
    return nvidia_asking.ask(watch, SOURCE, command, limit_s, lambda said: checked(said, fields), SOURCE, True)


def checked(text: str, fields: tuple[str, ...]) -> Answer:
    """The tool's lines as an answer; code 2 (invalid argument) when it does not know a field."""
    first = clean(text.partition("\n")[0])
    if "is not a valid field to query" in text:
        return Answer(SOURCE, "unknown", "old_tool: it does not know a field that was asked for", code=2, raw=first)
    rows = [dict(zip(fields, cells)) for cells in _cells(text) if len(cells) == len(fields)]
    if not rows:
        code = next((code for words, code in _SAID if re.search(words, text, re.IGNORECASE)), None)
        if code is not None:
            return failed(SOURCE, code, raw=first)
        return Answer(SOURCE, "unknown", "bad_answer: the tool wrote something else than a table", raw=first)
    return Answer(
        source=SOURCE,
        usable="yes",
        reason="listed: the command-line tool lists devices",
        code=0,
        driver_version=next((found for row in rows if (found := version(_said(row, "driver_version")))), None),
        gpus=tuple(_gpu(row) for row in rows[:MAX_DEVICES]),
    )


def _cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split(",")] for line in text.splitlines() if "," in line]


def _said(row: dict[str, str], name: str) -> str | None:
    value = row.get(name, "")
    return None if _ABSENT.fullmatch(value) else value


def _gpu(row: dict[str, str]) -> Gpu:
    # The table does not list partitions, and what the whole device has is then nobody's to use.
    partitioned = _said(row, "mig.mode.current") == "Enabled"
    memory = "" if partitioned else _said(row, "memory.total") or ""
    denied = any("Insufficient Permissions" in value for value in row.values())
    lost = any("GPU is lost" in value or "Unknown Error" in value for value in row.values())
    return Gpu(
        code=15 if lost else 0,
        pci=address(_said(row, "pci.bus_id")),
        name=clean(_said(row, "name")),
        serial=clean(_said(row, "uuid")),
        memory_bytes=size(int(memory) * MIB) if re.fullmatch(r"[0-9]{1,9}", memory) else None,
        capability=capability(_said(row, "compute_cap")),
        compute_mode={"Prohibited": 2, "Exclusive_Process": 3}.get(row.get("compute_mode", ""), 0),
        partitions_code=4 if denied else 3 if partitioned else 0,
    )
