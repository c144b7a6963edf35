"""Qualcomm's Hexagon processor: the nodes of its driver, the name of the chip, and Android's own properties.

A node proves presence alone: without firmware or a memory region a session is refused all the same
(github.com/radxa/kernel issue 567), so usable is never "yes" here. Apps on Android may not list /dev
(github.com/onnxruntime/onnxruntime-qnn issue 679); a property tells the maker there.
"""

from __future__ import annotations

import re
from dataclasses import replace

from probes.look import cards, files, soc
from probes.look.text import clean
from probes.look.watch import Watch
from rules.hardware import Device

KIND = "qualcomm_npu"
GETPROP_LIMIT_S = 2.0

_SOC = "/sys/devices/soc0"
_NODES = r"fastrpc-cdsp[0-9]?(?:-secure)?|cdsprpc-smd(?:-secure)?|adsprpc-smd(?:-secure)?"
_MAKERS = re.compile(r"qti|qualcomm|qcom", re.IGNORECASE)


def look(watch: Watch) -> tuple[Device, ...]:
    """One device where the chip is Qualcomm's and has a compute processor of that family."""
    if watch.machine.system == "Windows":
        return _windows(watch)
    if watch.machine.system not in ("Linux", "Android"):
        watch.note("present", "no", "other_maker: no Qualcomm chip on this system", "operating system")
        return ()
    nodes = cards.numbered(watch, _NODES)
    chip, source = _chip(watch)
    if not nodes and chip is None:
        _note_absent(watch)
        return ()
    watch.note("present", "yes", "on_chip: a chip of Qualcomm's", source if chip else "/dev", chip)
    standing = _stand(watch, nodes)
    cards.note_standings(watch, [standing])
    watch.count(KIND, 1, 1, cards.permitted([standing]))
    return (_device(f"Hexagon of {chip}" if chip else "Hexagon", standing),)


def _device(name: str, standing: cards.Standing) -> Device:
    return replace(cards.built_in(KIND, name, standing), unified_memory=True)


def _chip(watch: Watch) -> tuple[str | None, str]:
    """The chip's name when it is Qualcomm's, from the kernel, the device tree or Android."""
    root = watch.machine.root
    family, name = clean(files.read(root, f"{_SOC}/family")), clean(files.read(root, f"{_SOC}/machine"))
    if (family and _MAKERS.search(family)) or (name and _MAKERS.search(name)):
        return name or family, _SOC
    board = soc.words(watch) or ()
    word = next((word for word in reversed(board) if word.startswith("qcom,")), None)
    if word:
        return clean(word[len("qcom,") :]), soc.TREE
    if "ANDROID_ROOT" not in watch.machine.env and not files.exists(root, "/system/build.prop"):
        return None, _SOC
    if _MAKERS.search(_property(watch, "ro.soc.manufacturer") or ""):
        return _property(watch, "ro.soc.model") or "a Qualcomm chip", "getprop"
    return None, "getprop"


def _property(watch: Watch, name: str) -> str | None:
    command = ("/system/bin/getprop", name)
    return clean(watch.machine.run(command, watch.limit_s(GETPROP_LIMIT_S), watch.machine.env).output)


def _note_absent(watch: Watch) -> None:
    if files.names(watch.machine.root, "/sys/devices") is None and files.names(watch.machine.root, "/sys/bus") is None:
        watch.note("present", "unknown", "hidden: neither chip nor nodes can be seen from here", _SOC)
    else:
        watch.note("present", "no", "other_maker: no chip of Qualcomm's", _SOC)


def _stand(watch: Watch, nodes: tuple[str, ...]) -> cards.Standing:
    if not nodes:
        if files.names(watch.machine.root, "/dev") is None:
            why = "nodes_hidden: nodes may not be listed here"
            return cards.Standing("unknown", why, "unknown", why)
        why = "node_missing: its driver offers no node"
        return cards.Standing("no", why, "no", "no_driver: nothing drives it")
    standing = cards.opened(watch, nodes[0], "fastrpc")
    if standing.usable == "no":
        return standing
    why = "not_tried: the node opens no session by itself; firmware and memory region were not tried"
    return cards.Standing("yes", standing.driver_why, "unknown", why, True)


def _windows(watch: Watch) -> tuple[Device, ...]:
    listed = cards.bus(watch)
    found = [c for c in listed or () if c.name and "hexagon" in c.name.lower()]
    if not found:
        cards.note_absent(watch, "Qualcomm neural processors", listed is None)
        return ()
    watch.note("present", "yes", "listed: a Hexagon processor", cards.bus_source(watch))
    standing = cards.stand(watch, found[0], None, ())
    cards.note_standings(watch, [standing])
    return (_device(found[0].name or "Hexagon", standing),)
