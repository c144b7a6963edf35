"""Asking NVIDIA's management library, in a child.

The library's file is looked for first, without loading it: where it is absent no child is started.
"""

from __future__ import annotations

from probes.look import nvidia_asking, nvidia_libraries, scripts
from probes.look.limits import MAX_DEVICES
from probes.look.nvidia_answers import (
    Answer,
    cuda_version_of,
    decoded,
    failed,
    gpus_of,
    library_version_of,
)
from probes.look.text import clean, version
from probes.look.watch import Watch

CHILD_LIMIT_S = 10.0
SHARE = 0.6  # of the time left: two more sources may have to be asked
SOURCE = nvidia_libraries.NVML
TOOL = "the process that asks libnvidia-ml"


def ask(watch: Watch) -> Answer:
    """Ask within the time left."""
    machine = watch.machine
    found = nvidia_libraries.path(machine)
    if found is None:
        return failed(SOURCE, 12)
    cuda = nvidia_libraries.path(machine, nvidia_libraries.CUDA)
    command = scripts.command("nvml_child", found, cuda or nvidia_libraries.CUDA)
    return nvidia_asking.ask(watch, SOURCE, command, watch.limit_s(CHILD_LIMIT_S, SHARE), checked, TOOL)


def checked(text: str) -> Answer:
    """The child's line as an answer; what is malformed in it is left out, or makes the whole a bad answer."""
    said = decoded(text)
    if said is None or said["code"] < 0:
        return Answer(SOURCE, "unknown", "bad_answer: the asking process wrote something else than an answer")
    if said["code"]:
        return failed(SOURCE, said["code"], raw=clean(said.get("said") or said.get("library")))
    return Answer(
        source=SOURCE,
        usable="yes",
        reason="initialised: the driver's library answers",
        code=0,
        driver_version=version(said.get("driver")),
        library_version=library_version_of(said.get("library")),
        cuda_version=cuda_version_of(said.get("cuda")),
        has_cuda_library=said.get("cuda_library") is True,
        gpus=gpus_of(said, MAX_DEVICES),
    )
