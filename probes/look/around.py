"""What is between this process and the machine: a container, a hypervisor or cloud, a translated processor.

Told from files and flags alone; names of hosts and serial numbers beside them are not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from probes.look import files
from probes.look.machine import Machine

_CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
_CONTAINER_VARIABLES = ("container", "KUBERNETES_SERVICE_HOST")
_CONTAINER_GROUPS = re.compile(r"/(?:docker|kubepods|containerd|lxc|libpod|buildkit)\b")

_DMI = "/sys/class/dmi/id"
# Maker or product as the firmware names it -> what it is, the first that fits. The makers are those that systemd
# (src/basic/virt.c) and cloud-init (tools/ds-identify) tell clouds and hypervisors by.
_BY_FIRMWARE: Sequence[tuple[str, str]] = (
    ("Amazon EC2", "aws"),
    ("Google", "google cloud"),
    ("Alibaba Cloud", "alibaba cloud"),
    ("Tencent Cloud", "tencent cloud"),
    ("DigitalOcean", "digitalocean"),
    ("Hetzner", "hetzner"),
    ("Scaleway", "scaleway"),
    ("OpenStack", "openstack"),
    ("KubeVirt", "kubevirt"),
    ("VMware", "vmware"),
    ("VirtualBox", "virtualbox"),
    ("innotek GmbH", "virtualbox"),
    ("Parallels", "parallels"),
    ("Apple Virtualization", "apple virtualization"),
    ("BHYVE", "bhyve"),
    ("Bochs", "bochs"),
    ("Xen", "xen"),
    ("KVM", "kvm"),
    ("QEMU", "qemu"),
)
_TAGS = {"7783-7084-3265-9085-8269-3286-77": "azure", "OracleCloud.com": "oracle cloud"}
# What gVisor answers in the place of the kernel's version, always the same.
_GVISOR = "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016"


def in_container(machine: Machine) -> bool | None:
    """Whether a container is around this process; None when the files that would tell are hidden."""
    if machine.system != "Linux":
        return False if machine.system == "Darwin" else None
    if any(files.exists(machine.root, path) for path in _CONTAINER_FILES):
        return True
    if any(machine.env.get(name) for name in _CONTAINER_VARIABLES):
        return True
    groups = files.read(machine.root, "/proc/1/cgroup") or files.read(machine.root, "/proc/self/cgroup")
    mounts = files.read(machine.root, "/proc/self/mountinfo")
    if _CONTAINER_GROUPS.search(groups or "") or re.search(
        r"^\S+ \S+ \S+ \S+ / .* - overlay ", mounts or "", re.MULTILINE
    ):
        return True
    return None if groups is None and mounts is None else False


def hypervisor(machine: Machine) -> str | None:
    """The cloud or hypervisor under a Linux system, as far as firmware and processor say; None for none."""
    if machine.system != "Linux":
        return None
    root = machine.root
    if (files.read(root, "/proc/version") or "").startswith(_GVISOR):
        return "gvisor"
    tag = files.read(root, f"{_DMI}/chassis_asset_tag") or ""
    if tag in _TAGS:
        return _TAGS[tag]
    names = ("sys_vendor", "product_name", "board_vendor", "bios_vendor")
    firmware = [files.read(root, f"{_DMI}/{name}") or "" for name in names]
    if firmware[:2] == ["Microsoft Corporation", "Virtual Machine"]:
        return "hyper-v"
    for start, name in _BY_FIRMWARE:
        if any(text.startswith(start) for text in firmware):
            return name
    if (files.read(root, "/sys/hypervisor/type") or "") == "xen":
        return "xen"
    is_virtual = re.search(r"^flags\s*:.*\bhypervisor\b", files.read(root, "/proc/cpuinfo") or "", re.MULTILINE)
    return "unknown hypervisor" if is_virtual else None


def translated(machine: Machine, rosetta: bool | None) -> bool | None:
    """Whether the interpreter is built for another processor than the one that runs it; None when that is not known.

    `rosetta` is what macOS says of this process. Elsewhere the description of the processor does not fit the name of
    the architecture: QEMU's user mode changes that name and passes the host's description on.
    """
    arch = machine.arch.lower()
    if machine.system == "Darwin":
        return rosetta
    if machine.system == "Windows":
        name = machine.env.get("PROCESSOR_IDENTIFIER", "")
        return arch in ("amd64", "x86") and name.startswith("ARM") if name else None
    text = files.read(machine.root, "/proc/cpuinfo") if machine.system == "Linux" else None
    if not text:
        return None
    if "VirtualApple" in text:  # Rosetta for Linux programs in a virtual machine
        return True
    is_arm = re.search(r"^CPU implementer\s*:", text, re.MULTILINE) is not None
    is_x86 = re.search(r"^vendor_id\s*: *(?:GenuineIntel|AuthenticAMD)", text, re.MULTILINE) is not None
    if arch in ("aarch64", "arm64"):
        return is_x86 if is_arm or is_x86 else None
    if arch in ("x86_64", "amd64"):
        return is_arm if is_arm or is_x86 else None
    return True if is_arm or is_x86 else None
