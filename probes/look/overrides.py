"""Environment variables that hide devices or force an answer.

A value is shown only as far as it is harmless: paths can hold a user's name and serials name a machine, so both are
taken out. It knows which variables matter, not what they do to a device.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from probes.look.identity import salted
from probes.look.limits import MAX_OVERRIDES
from probes.look.text import clean

EMPTY = "(empty)"
HIDDEN = "(set; not shown)"

# Each is described in its maker's documentation of environment variables.
NAMES = (
    # NVIDIA: CUDA programming guide, container toolkit
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "CUDA_FORCE_PTX_JIT",
    "CUDA_DISABLE_PTX_JIT",
    "CUDA_MODULE_LOADING",
    "CUDA_LAUNCH_BLOCKING",
    "CUDA_MANAGED_FORCE_DEVICE_ALLOC",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "NVIDIA_DISABLE_REQUIRE",
    # AMD
    "ROCR_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "GPU_DEVICE_ORDINAL",
    "HSA_OVERRIDE_GFX_VERSION",
    "HSA_ENABLE_SDMA",
    "HSA_XNACK",
    # Intel, Gaudi
    "ZE_AFFINITY_MASK",
    "ZE_FLAT_DEVICE_HIERARCHY",
    "ONEAPI_DEVICE_SELECTOR",
    "SYCL_DEVICE_FILTER",
    "HABANA_VISIBLE_DEVICES",
    "HABANA_VISIBLE_MODULES",
    "HABANA_LOGS",
    # Google
    "TPU_VISIBLE_CHIPS",
    "TPU_VISIBLE_DEVICES",
    "TPU_ACCELERATOR_TYPE",
    "TPU_TOPOLOGY",
    "TPU_CHIPS_PER_PROCESS_BOUNDS",
    "TPU_PROCESS_BOUNDS",
    "TPU_WORKER_ID",
    "TPU_SKIP_MDS_QUERY",
    "TPU_LIBRARY_PATH",
    # AWS
    "NEURON_RT_VISIBLE_CORES",
    "NEURON_RT_NUM_CORES",
    "NEURON_LOGICAL_NC_CONFIG",
    "NEURON_PLATFORM_TARGET_OVERRIDE",
    # others
    "ASCEND_RT_VISIBLE_DEVICES",
    "TT_VISIBLE_DEVICES",
    "RBLN_DEVICES",
    # frameworks that are told where to run, or which code to use
    "JAX_PLATFORMS",
    "JAX_PLATFORM_NAME",
    "JAX_FORCE_TPU_INIT",
    "PJRT_DEVICE",
    "TF_XLA_FLAGS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_FORCE_GPU_ALLOW_GROWTH",
    "XLA_PYTHON_CLIENT_PREALLOCATE",
    "XLA_PYTHON_CLIENT_MEM_FRACTION",
    "PYTORCH_ENABLE_MPS_FALLBACK",
    "PYTORCH_MPS_HIGH_WATERMARK_RATIO",
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NPY_DISABLE_CPU_FEATURES",
)

_HARMLESS = re.compile(r"[A-Za-z0-9_.,:;=+*|! ()-]{1,200}")
_SERIAL = re.compile(r"\b(GPU|MIG)-[0-9A-Fa-f][0-9A-Fa-f-]{3,60}")


def look(env: Mapping[str, str], machine_id: str | None) -> tuple[tuple[str, str], ...]:
    """The variables that are set, with what may be shown of their values, in the order of their names."""
    found = ((name, shown(env[name], machine_id)) for name in sorted(NAMES) if name in env)
    return tuple(found)[:MAX_OVERRIDES]


def shown(value: str, machine_id: str | None) -> str:
    """A value without serials, and only when nothing in it looks like a path or a secret."""
    if not value.strip():
        return EMPTY
    if len(value) > 400:
        return HIDDEN
    text = _SERIAL.sub(lambda match: f"{match[1]}-{salted(machine_id, match[0]) or '(hidden)'}", value)
    # A driver's older name for a partition holds a serial and two numbers behind slashes.
    text = re.sub(r"(MIG-GPU-[^,/]*)((?:/[0-9]{1,3}){2})", lambda match: match[1] + match[2].replace("/", ":"), text)
    cleaned = clean(text)
    return cleaned if cleaned and _HARMLESS.fullmatch(cleaned) and not _is_secret(cleaned) else HIDDEN


def _is_secret(text: str) -> bool:
    """A long run of letters and digits is no setting of ours; hashes of 16 digits are."""
    return any(len(word) > 40 for word in re.split(r"[^A-Za-z0-9]", text))
