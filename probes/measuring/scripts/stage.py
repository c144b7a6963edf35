"""One measured process: it loads a framework's script, gives it the data, watches the clock and writes what it saw.

Run as `python -I stage.py JOB RESULT` in an environment of its own; both are JSON files. A script has `bring`, which
imports the framework, and `build`, which returns how to train and how to predict. No clock is in a script, no
framework here; NumPy comes in only after the framework, whose own import it may be part of.
"""

import time

STARTED = time.monotonic()

import json  # noqa: E402  the first line of this process is the end of the interpreter's own start
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from types import ModuleType  # noqa: E402
from typing import Any  # noqa: E402

MB = 1e6
STEADY = 0.05  # two groups of steps that differ by less are warm
MOST_WARM_GROUPS = 8
KEPT_OUTPUTS = 16


class Watch:
    """The clock over training steps: a script calls it after each and stops when it says False.

    It is called with a function that waits for the step and gives its loss. The first steps are read one by one; then
    the loss is read once in a group, as a loop of one's own would do; groups count once their time has settled.
    """

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.losses: list[float] = []
        self.groups_s: list[float] = []
        self.warm: int | None = None  # groups before the steady ones
        self.first_s = 0.0
        self.count = 0
        self.begun = self.mark = time.perf_counter()

    def __call__(self, read: Callable[[], float]) -> bool:
        """Note a step; whether another is wanted."""
        self.count += 1
        compared = self.job["compared_steps"]
        if self.count <= compared:
            self.losses.append(float(read()))
            self.mark = time.perf_counter()
            if self.count == 1:
                self.first_s = self.mark - self.begun
            return True
        if (self.count - compared) % self.job["group"]:
            return True
        read()
        now = time.perf_counter()
        self.groups_s.append(now - self.mark)
        self.mark = now
        return self._wants_more(now)

    def _wants_more(self, now: float) -> bool:
        if self.warm is None:
            self._settle()
            if self.warm is None:
                return True
        steady = self.groups_s[self.warm :]
        enough = len(steady) * self.job["group"] >= self.job["least_steps"] and sum(steady) >= self.job["least_s"]
        return not steady or (not enough and now - self.begun < self.job["most_s"])

    def _settle(self) -> None:
        """The steady part begins after two like groups, or when waiting for them has been long enough."""
        groups = self.groups_s
        alike = len(groups) > 1 and abs(groups[-1] - groups[-2]) < STEADY * groups[-2]
        if not self.job["warms"]:
            self.warm = 0
        elif alike or len(groups) >= MOST_WARM_GROUPS:
            self.warm = len(groups)


def measure(job: dict[str, Any], script: ModuleType) -> dict[str, Any]:
    """Everything that one process is there to see."""
    bare = resident_mb("VmRSS")
    began = time.perf_counter()
    versions = script.bring()
    import_s = time.perf_counter() - began
    imported = resident_mb("VmRSS")
    given, data_mb = provisions(job)
    began = time.perf_counter()
    train, predict = script.build(job["task"], given)
    build_s = time.perf_counter() - began
    watch = Watch(job)
    if job["mode"] == "train":
        watch.begun = watch.mark = time.perf_counter()
        train(watch)
    return {
        "started_s": STARTED - job["spawned"],
        "import_s": import_s,
        "build_s": build_s,
        "first_step_s": watch.first_s if watch.count else None,
        "losses": watch.losses,
        "warm_groups": watch.warm or 0,
        "groups_s": watch.groups_s,
        **predictions(job, predict, given),
        "memory_mb": {"bare": bare, "imported": imported, "data": data_mb, "peak": resident_mb("VmHWM")},
        "versions": versions,
    }


def provisions(job: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """(what a script is given, the megabytes of its arrays)."""
    import numpy as np

    with np.load(job["data"]) as file:
        wanted = (f"{job['data_part']}.", f"{job['task']}.")
        arrays = {name: file[name] for name in file.files if name.startswith(wanted)}
    named = {name.partition(".")[2]: array for name, array in arrays.items()}
    weights = {n.partition(".")[2]: a for n, a in arrays.items() if n.startswith(f"{job['task']}.")}
    given = {
        "x": named["x"],
        "y": named["y"],
        "test_x": named.get("test.x"),
        "test_y": named.get("test.y"),
        "weights": weights,
        **{name: job[name] for name in ("threads", "batch", "rate", "rounds", "leaves", "models")},
    }
    return given, sum(array.nbytes for array in arrays.values()) / MB


def predictions(job: dict[str, Any], predict: Callable[[Any], Any], given: dict[str, Any]) -> dict[str, Any]:
    """Answers to one sample at a time: the first, then the middle and the 95th of a hundred; and answers to compare."""
    x = given["x"]
    began = time.perf_counter()
    first = predict(x[:1])
    first_s = time.perf_counter() - began
    for sample in range(3):
        predict(x[sample : sample + 1])
    times: list[float] = []
    until = time.perf_counter() + job["predict_s"]
    while len(times) < 20 or time.perf_counter() < until:
        one = x[len(times) % 100 :][:1]
        began = time.perf_counter()
        predict(one)
        times.append(time.perf_counter() - began)
    times.sort()
    outputs = [first, *(predict(x[sample : sample + 1]) for sample in range(1, KEPT_OUTPUTS))]
    return {
        "first_prediction_s": first_s,
        "prediction_p50_s": times[len(times) // 2],
        "prediction_p95_s": times[min(len(times) - 1, int(0.95 * len(times)))],
        "predictions": len(times),
        "outputs": [[float(value) for value in row.reshape(-1)] for row in outputs],
    }


def resident_mb(field: str) -> float:
    """Megabytes in memory now (VmRSS) or at the most so far (VmHWM).

    The kernel's own figure of this program alone: getrusage also counts what the process was before it became this
    program, so that a child of a large parent would begin at the parent's size.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(f"{field}:")) * 1024 / MB
    except (OSError, StopIteration):
        import resource  # where there is no /proc; bytes on macOS

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB


def loaded(path: str) -> ModuleType:
    """The script at a path, as a module; no folder of ours becomes importable."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("measured_script", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(job_file: str, result_file: str) -> None:
    """Measure by a job and write the result, whole or not at all."""
    with open(job_file, encoding="utf-8") as file:
        job = json.load(file)
    script = loaded(job["script"])
    if job["mode"] == "prepare":
        given, _ = provisions(job)
        script.bring()
        script.prepare(job["task"], given)
        found: dict[str, Any] = {"prepared": True}
    else:
        found = measure(job, script)
    with open(result_file, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
