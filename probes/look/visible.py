"""How many devices the environment leaves visible, by the rules of each maker's runtime.

It counts; which of them those are is the runtime's business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Kind -> the variables that select devices by number, the first that is set decides.
SELECTORS: Mapping[str, Sequence[str]] = {
    "amd_gpu": ("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"),
    "tpu": ("TPU_VISIBLE_CHIPS", "TPU_VISIBLE_DEVICES"),
    "gaudi": ("HABANA_VISIBLE_MODULES", "HABANA_VISIBLE_DEVICES"),
    "ascend": ("ASCEND_RT_VISIBLE_DEVICES",),
}


def cuda(env: Mapping[str, str], devices: int, partitions: int = 0, serials: Sequence[str] = ()) -> int:
    """How many of `devices` CUDA enumerates under CUDA_VISIBLE_DEVICES.

    The first entry that names no device ends the list; a repeated one empties it (as PyTorch's count has it, too). Of
    partitions (MIG) CUDA enumerates one, whatever the list says (NVIDIA's MIG user guide).

    Args:
        env: the environment.
        devices: how many the driver lists and this user may open, partitioned ones included.
        partitions: how many partitions there are on them.
        serials: their UUIDs (`GPU-...`), where known: entries are compared with them.
    """
    value = env.get("CUDA_VISIBLE_DEVICES")
    if value is None:
        return min(1, partitions) if partitions and devices else devices
    names: list[str] = []
    for name in (part.strip() for part in value.split(",")):
        if name in names:
            return 0
        if not _is_device(name, devices, serials, partitions):
            break
        names.append(name)
    return min(1, len(names)) if partitions else len(names)


def _is_device(name: str, devices: int, serials: Sequence[str], partitions: int) -> bool:
    if name.startswith("MIG-"):
        return partitions > 0
    if name.startswith("GPU-"):
        return not serials or sum(serial.startswith(name) for serial in serials) == 1
    number = re.match(r"\+?([0-9]{1,6})", name)  # what follows the number is ignored, as strtol does
    return number is not None and int(number[1]) < devices


def by_number(kind: str, env: Mapping[str, str], devices: int) -> int | None:
    """How many of a kind are left visible where numbers select them; None where nothing is known of the rule."""
    if kind not in SELECTORS:
        return None
    value = next((env[name] for name in SELECTORS[kind] if name in env), None)
    if value is None or value.strip().lower() == "all":
        return devices
    chosen: set[int] = set()
    for name in (part.strip() for part in value.split(",")):
        if name.upper().startswith("GPU-"):
            return None  # chosen by serial, which is not compared here
        if not re.fullmatch(r"[0-9]{1,6}", name) or int(name) >= devices:
            break
        chosen.add(int(name))
    return len(chosen)
