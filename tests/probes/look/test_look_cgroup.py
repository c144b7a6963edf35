"""Limits of control groups: the tightest on the way up binds, however it is mounted."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.look import cgroup, memory
from probes.look.watch import Watch

GIB = 2**30
V2_MOUNT = "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
MEMINFO = "MemTotal:       16777216 kB\nMemFree:  1 kB\nMemAvailable:   12582912 kB\n"
WatchAt = Callable[..., Watch]


def v2(path: str, **files: str) -> dict[str, str | None]:
    tree: dict[str, str | None] = {
        "/proc/self/cgroup": f"0::{path}\n",
        "/proc/self/mountinfo": V2_MOUNT,
        "/proc/meminfo": MEMINFO,
    }
    return tree | {f"/sys/fs/cgroup/{name.replace('__', '/')}": text for name, text in files.items()}


def test_the_tightest_of_nested_groups_wins(watch_at: WatchAt) -> None:
    tree = v2("/pod/app/job")
    tree["/sys/fs/cgroup/pod/app/job/memory.max"] = "max\n"
    tree["/sys/fs/cgroup/pod/app/memory.max"] = f"{8 * GIB}\n"
    tree["/sys/fs/cgroup/pod/memory.max"] = f"{4 * GIB}\n"
    tree["/sys/fs/cgroup/memory.max"] = f"{12 * GIB}\n"
    watch = watch_at(tree)
    assert memory.look(watch) == memory.Memory(16 * GIB, 4 * GIB, 4 * GIB)
    assert watch.findings[-1].reason == "limited: tightest of 3 limits above the process"
    assert "pod" not in repr(watch.findings)  # group names carry ids


def test_memory_high_counts_as_a_limit(watch_at: WatchAt) -> None:
    tree = v2("/a")
    tree["/sys/fs/cgroup/a/memory.max"] = f"{8 * GIB}"
    tree["/sys/fs/cgroup/a/memory.high"] = f"{6 * GIB}"
    assert memory.look(watch_at(tree)).limit_bytes == 6 * GIB


def test_what_is_used_is_not_available_but_file_pages_are(watch_at: WatchAt) -> None:
    tree = v2("/a")
    tree["/sys/fs/cgroup/a/memory.max"] = f"{8 * GIB}"
    tree["/sys/fs/cgroup/a/memory.current"] = f"{6 * GIB}"
    tree["/sys/fs/cgroup/a/memory.stat"] = f"anon 1\ninactive_file {1 * GIB}\n"
    assert memory.look(watch_at(tree)).available_bytes == 3 * GIB


@pytest.mark.parametrize("sentinel", [9223372036854771712, 9223372036854710272, 2**63 - 1])
def test_version_1_without_a_limit(watch_at: WatchAt, sentinel: int) -> None:
    tree = {
        "/proc/self/cgroup": "4:memory:/job\n1:cpu,cpuacct:/job\n",
        "/proc/self/mountinfo": "33 24 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
        "/proc/meminfo": MEMINFO,
        "/sys/fs/cgroup/memory/job/memory.limit_in_bytes": f"{sentinel}\n",
    }
    found = memory.look(watch_at(tree))
    assert found == memory.Memory(16 * GIB, None, 12 * GIB)


def test_version_1_limit_at_an_ancestor(watch_at: WatchAt) -> None:
    tree = {
        "/proc/self/cgroup": "4:memory:/job/step\n0::/\n",
        "/proc/self/mountinfo": "33 24 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
        "/proc/meminfo": MEMINFO,
        "/sys/fs/cgroup/memory/job/step/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/job/memory.limit_in_bytes": f"{2 * GIB}\n",
        "/sys/fs/cgroup/memory/job/memory.usage_in_bytes": f"{GIB}\n",
    }
    assert memory.look(watch_at(tree)) == memory.Memory(16 * GIB, 2 * GIB, GIB)


@pytest.mark.parametrize(
    ("top", "path"),
    [("/docker/abc", "/docker/abc"), ("/docker/abc", "/"), ("/", "/../elsewhere"), ("/..", "/")],
)
def test_a_container_sees_its_own_group_as_the_mount(watch_at: WatchAt, top: str, path: str) -> None:
    tree = {
        "/proc/self/cgroup": f"4:memory:{path}\n",
        "/proc/self/mountinfo": f"33 24 0:30 {top} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
        "/proc/meminfo": MEMINFO,
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}\n",
    }
    assert memory.look(watch_at(tree)).limit_bytes == GIB


def test_a_mount_point_with_a_space(watch_at: WatchAt) -> None:
    tree = {
        "/proc/self/cgroup": "0::/\n",
        "/proc/self/mountinfo": r"30 24 0:26 / /my\040groups rw - cgroup2 cgroup2 rw" + "\n",
        "/my groups/memory.max": f"{GIB}",
    }
    assert [x.limit_bytes for x in cgroup.memory_limits(watch_at(tree).machine.root)] == [GIB]


def test_a_limit_above_the_machine_is_no_limit(watch_at: WatchAt) -> None:
    tree = v2("/a")
    tree["/sys/fs/cgroup/a/memory.max"] = f"{64 * GIB}"
    watch = watch_at(tree)
    assert memory.look(watch).limit_bytes == 16 * GIB
    assert watch.findings[-1].reason.startswith("no_limit:")


def test_a_quota_at_an_ancestor(watch_at: WatchAt) -> None:
    tree = v2("/a/b")
    tree["/sys/fs/cgroup/a/b/cpu.max"] = "max 100000\n"
    tree["/sys/fs/cgroup/a/cpu.max"] = "150000 100000\n"
    tree["/sys/fs/cgroup/cpu.max"] = "400000 100000\n"
    assert cgroup.quota_cores(watch_at(tree).machine.root) == 1.5


@pytest.mark.parametrize(("quota", "cores"), [("-1", None), ("50000", 0.5), ("0", None), ("x", None)])
def test_version_1_quota(watch_at: WatchAt, quota: str, cores: float | None) -> None:
    tree = {
        "/proc/self/cgroup": "4:cpu,cpuacct:/\n",
        "/proc/self/mountinfo": "33 24 0:30 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n",
        "/cg/cpu/cpu.cfs_quota_us": quota,
        "/cg/cpu/cpu.cfs_period_us": "100000",
    }
    assert cgroup.quota_cores(watch_at(tree).machine.root) == cores


@pytest.mark.parametrize(
    ("text", "size"),
    [("0-3,8\n", 5), ("7", 1), ("", 0), (None, 0), ("0-", 0), ("3-1", 0), ("a,b", 0), ("0-3,,", 0)],
)
def test_processor_lists(text: str | None, size: int) -> None:
    assert cgroup.set_size(text) == size


def test_the_smallest_processor_set_of_both_versions(watch_at: WatchAt) -> None:
    tree = {
        "/proc/self/cgroup": "3:cpuset:/x\n0::/y\n",
        "/proc/self/mountinfo": V2_MOUNT + "35 24 0:32 / /cg/cpuset rw - cgroup cgroup rw,cpuset\n",
        "/cg/cpuset/x/cpuset.effective_cpus": "0-5\n",
        "/sys/fs/cgroup/y/cpuset.cpus.effective": "0-1\n",
        "/sys/fs/cgroup/cpuset.cpus.effective": "0-7\n",
    }
    assert cgroup.cpuset_cores(watch_at(tree).machine.root) == 2


@pytest.mark.parametrize("text", ["", "garbage", "0:", "::::", "0::", "4:memory", "\0\0", "0::relative/path"])
def test_malformed_membership_gives_no_limit(watch_at: WatchAt, text: str) -> None:
    tree = {"/proc/self/cgroup": text, "/proc/self/mountinfo": V2_MOUNT + "short line\n - cgroup2 x y\n"}
    assert cgroup.memory_limits(watch_at(tree).machine.root) == ()


LIMIT = st.one_of(st.just("max"), st.integers(1, 64 * GIB).map(str))


def limits_tree(limits: list[tuple[str, str]], total_kb: int) -> dict[str, Any]:
    path = "".join(f"/g{level}" for level in range(len(limits) - 1))
    tree = v2(path or "/") | {"/proc/meminfo": f"MemTotal: {total_kb} kB\nMemAvailable: {total_kb} kB\n"}
    for level, (hard, soft) in enumerate(limits):
        place = "/sys/fs/cgroup" + "".join(f"/g{n}" for n in range(level))
        tree |= {f"{place}/memory.max": hard, f"{place}/memory.high": soft}
    return tree


@settings(deadline=None)
@given(
    limits=st.lists(st.tuples(LIMIT, LIMIT), min_size=1, max_size=4),
    total_kb=st.integers(1, 64 * 2**20),
    extra=LIMIT,
)
def test_the_limit_is_below_all_and_more_limits_never_raise_it(
    watch_at: WatchAt, limits: list[tuple[str, str]], total_kb: int, extra: str
) -> None:
    found = memory.look(watch_at(limits_tree(limits, total_kb)))
    stated = [int(text) for pair in limits for text in pair if text != "max"]
    assert (found.limit_bytes is None) == (not stated)
    bound = min([*stated, total_kb * 1024])
    assert found.limit_bytes in (None, bound)
    assert found.available_bytes == bound
    more = memory.look(watch_at(limits_tree([(extra, "max"), *limits], total_kb)))
    assert more.limit_bytes is not None or found.limit_bytes is None
    assert (more.limit_bytes or bound) <= (found.limit_bytes or bound)
