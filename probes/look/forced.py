"""Variables of the environment that claim what the machine does not bear out: they force an answer elsewhere.

It compares what is set with what was found, and knows no device of its own.
"""

from __future__ import annotations

import re
from typing import Mapping, Sequence

from rules.hardware import Contradiction, Device

# What JAX calls a platform -> the kinds it runs on.
_PLATFORMS: Mapping[str, Sequence[str]] = {
    "cuda": ("nvidia_gpu",),
    "rocm": ("amd_gpu",),
    "gpu": ("nvidia_gpu", "amd_gpu"),
    "tpu": ("tpu",),
}


def look(overrides: Sequence[tuple[str, str]], devices: Sequence[Device]) -> tuple[Contradiction, ...]:
    """The contradictions between what variables force and what was found."""
    env = dict(overrides)
    return tuple(found for found in (_jax(env, devices), _tpu(env, devices), _gfx(env, devices)) if found is not None)


def _jax(env: Mapping[str, str], devices: Sequence[Device]) -> Contradiction | None:
    first = re.split(r"[,\s]", env.get("JAX_PLATFORMS", "").strip().lower())[0]
    wanted = _PLATFORMS.get(first)
    if wanted is None or any(d.kind in wanted and d.usable != "no" for d in devices):
        return None
    return Contradiction("platform", (("JAX_PLATFORMS", first), ("devices", "none of that kind is usable")))


def _tpu(env: Mapping[str, str], devices: Sequence[Device]) -> Contradiction | None:
    stated = env.get("TPU_ACCELERATOR_TYPE")
    if not stated or any(d.kind == "tpu" for d in devices):
        return None
    return Contradiction("tpu", (("TPU_ACCELERATOR_TYPE", stated), ("devices", "no TPU is seen")))


def _gfx(env: Mapping[str, str], devices: Sequence[Device]) -> Contradiction | None:
    """HSA_OVERRIDE_GFX_VERSION `10.3.0` makes every AMD device answer as gfx1030, the last number in hexadecimal."""
    match = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{1,2})", env.get("HSA_OVERRIDE_GFX_VERSION", ""))
    real = sorted({d.architecture for d in devices if d.kind == "amd_gpu" and d.architecture})
    forced = f"gfx{int(match[1])}{int(match[2]):x}{int(match[3]):x}" if match else None
    if forced is None or not real or real == [forced]:
        return None
    return Contradiction("gfx", (("HSA_OVERRIDE_GFX_VERSION", forced), ("devices", ", ".join(real))))
