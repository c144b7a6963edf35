"""Fake machines: a directory tree from a small mapping, and a `Machine` whose every seam is a stub.

Everything here is a factory with the scope of the session, so that properties may use it too.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from probes.look.child import Outcome
from probes.look.machine import Machine, Numbers
from probes.look.watch import Watch

Tree = Mapping[str, str | None]
Plant = Callable[[Tree], Path]
MachineAt = Callable[..., Machine]


@pytest.fixture(scope="session")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """Make a root from a mapping: path -> text, None for a directory, `-> target` for a symbolic link."""

    def build(tree: Tree) -> Path:
        root = tmp_path_factory.mktemp("root")
        for path, content in tree.items():
            place = root / path.lstrip("/")
            if content is None:
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            if content.startswith("-> "):
                place.symlink_to(content.removeprefix("-> "))
            else:
                place.write_text(content, encoding="utf-8")
        return root

    return build


def no_child(command: Sequence[str], limit_s: float, env: Mapping[str, str]) -> Outcome:
    return Outcome("", "not_started")


@pytest.fixture(scope="session")
def machine_at(plant: Plant) -> MachineAt:
    """A Linux machine with these files; keyword arguments replace seams."""

    def build(tree: Tree, **seams: Any) -> Machine:
        ticks = count()
        standard: dict[str, Any] = {
            "root": plant(tree),
            "system": "Linux",
            "release": "6.1",
            "arch": "x86_64",
            "python_version": "3.12.4",
            "libc": "glibc 2.39",
            "env": {},
            "affinity_cores": None,
            "run": no_child,
            "numbers": Numbers,
            "accessible": lambda path: True,
            "clock": lambda: next(ticks) / 1000,
            "now": lambda: datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        }
        return Machine(**(standard | seams))

    return build


@pytest.fixture(scope="session")
def watch_at(machine_at: MachineAt) -> Callable[..., Watch]:
    """A probe's notebook on such a machine."""

    def build(tree: Tree, **seams: Any) -> Watch:
        return Watch("test", machine_at(tree, **seams), ends_at=1e9)

    return build


@pytest.fixture(scope="session")
def pci() -> Callable[..., dict[str, str | None]]:
    """The files of one device on the PCI bus."""

    def files(address: str, vendor: str, device: str, code: str, **more: str) -> dict[str, str | None]:
        base = f"/sys/bus/pci/devices/{address}"
        tree: dict[str, str | None] = {
            f"{base}/vendor": f"{vendor}\n",
            f"{base}/device": f"{device}\n",
            f"{base}/class": f"{code}\n",
        }
        if "subsystem" in more:
            tree[f"{base}/subsystem_device"] = more["subsystem"]
        if "driver" in more:
            tree[f"{base}/driver"] = f"-> ../../../bus/pci/drivers/{more['driver']}"
        if "group" in more:
            tree[f"{base}/iommu_group"] = f"-> ../../../kernel/iommu_groups/{more['group']}"
        return tree

    return files
