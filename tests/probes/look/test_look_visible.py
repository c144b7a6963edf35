"""What the environment hides, and what may be shown of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.look import forced, overrides, visible
from probes.look.text import clean
from rules.hardware import Device

ID = "0123456789abcdef0123456789abcdef"
UUID = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
OTHER = "GPU-11112222-d72c-4106-c12f-20bd9faed9f6"


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (None, 4),
        ("", 0),
        ("0", 1),
        ("2,1", 2),
        ("0,2,-1,1", 2),
        ("0,9,1", 1),
        ("-1", 0),
        ("0,0", 0),
        ("no", 0),
        (" 1 , 3 ", 2),
        ("1gpu,2", 2),
        (UUID, 1),
        ("GPU-8932,0", 2),
        ("GPU-ffff", 0),
        ("GPU-", 0),
        ("MIG-1", 0),
    ],
)
def test_cuda_visible_devices(value: str | None, count: int) -> None:
    env = {} if value is None else {"CUDA_VISIBLE_DEVICES": value}
    assert visible.cuda(env, 4, serials=(UUID, OTHER)) == count


@pytest.mark.parametrize(
    ("value", "count"), [(None, 1), ("MIG-1,MIG-2", 1), ("", 0), ("0", 1), ("MIG-GPU-8932/1/0", 1)]
)
def test_of_partitions_cuda_sees_one(value: str | None, count: int) -> None:
    env = {} if value is None else {"CUDA_VISIBLE_DEVICES": value}
    assert visible.cuda(env, 1, partitions=7) == count


@given(st.text(alphabet="0123456789,-GPUMI ", max_size=30), st.integers(0, 9), st.integers(0, 3))
def test_never_more_than_there_are(value: str, devices: int, partitions: int) -> None:
    assert 0 <= visible.cuda({"CUDA_VISIBLE_DEVICES": value}, devices, partitions, [UUID] * devices) <= max(devices, 1)


@pytest.mark.parametrize(
    ("kind", "env", "count"),
    [
        ("amd_gpu", {}, 8),
        ("amd_gpu", {"ROCR_VISIBLE_DEVICES": "0,3", "HIP_VISIBLE_DEVICES": "0"}, 2),
        ("amd_gpu", {"HIP_VISIBLE_DEVICES": ""}, 0),
        ("tpu", {"TPU_VISIBLE_CHIPS": "0,1,2,3"}, 4),
        ("gaudi", {"HABANA_VISIBLE_DEVICES": "all"}, 8),
        ("ascend", {"ASCEND_RT_VISIBLE_DEVICES": "0,99,1"}, 1),
        ("coral_edge_tpu", {"CUDA_VISIBLE_DEVICES": ""}, None),
    ],
)
def test_other_makers(kind: str, env: dict[str, str], count: int | None) -> None:
    assert visible.by_number(kind, env, 8) == count


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0,1", "0,1"),
        ("", "(empty)"),
        (" ", "(empty)"),
        ("level_zero:gpu;opencl:*", "level_zero:gpu;opencl:*"),
        ("/home/ann/libtpu.so", "(set; not shown)"),
        ("C:\\Users\\ann", "(set; not shown)"),
        ("ann@example.org", "(set; not shown)"),
        ("x" * 41, "(set; not shown)"),
        ("\x1b[2J", "(set; not shown)"),
        ("1" * 5000, "(set; not shown)"),
    ],
)
def test_values_that_may_be_shown(value: str, shown: str) -> None:
    assert overrides.shown(value, ID) == shown


def test_serials_are_hashed_or_hidden() -> None:
    said = overrides.shown(f"{UUID},{OTHER}", ID)
    assert UUID not in said
    assert said.count("GPU-") == 2
    assert said != overrides.shown(f"{UUID},{OTHER}", ID.replace("0", "f"))
    assert overrides.shown(UUID, None) == "GPU-(hidden)"
    old = overrides.shown("MIG-GPU-8932f937-d72c-4106-c12f-20bd9faed9f6/1/0", ID)
    assert "8932" not in old
    assert overrides.shown("MIG-8932f937-d72c", ID) != "MIG-8932f937-d72c"


@given(st.text(max_size=60))
def test_what_is_shown_is_plain_and_short(value: str) -> None:
    said = overrides.shown(value, None)
    assert clean(said) == said
    assert "/" not in said


def test_only_variables_that_matter_are_listed() -> None:
    env = {"JAX_PLATFORMS": "cpu", "AWS_SECRET_ACCESS_KEY": "x", "HOME": "/home/ann", "CUDA_VISIBLE_DEVICES": ""}
    assert overrides.look(env, None) == (("CUDA_VISIBLE_DEVICES", "(empty)"), ("JAX_PLATFORMS", "cpu"))


def device(kind: str, usable: str = "yes", architecture: str | None = None) -> Device:
    return Device(kind, None, None, None, None, None, "yes", "yes", usable, architecture)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value", "devices", "about"),
    [
        ("JAX_PLATFORMS", "cuda,cpu", [], "platform"),
        ("JAX_PLATFORMS", "cuda", [device("nvidia_gpu")], None),
        ("JAX_PLATFORMS", "cuda", [device("nvidia_gpu", "no")], "platform"),
        ("JAX_PLATFORMS", "cpu", [], None),
        ("TPU_ACCELERATOR_TYPE", "v5e-8", [], "tpu"),
        ("TPU_ACCELERATOR_TYPE", "v5e-8", [device("tpu", "no")], None),
        ("HSA_OVERRIDE_GFX_VERSION", "10.3.0", [device("amd_gpu", architecture="gfx1031")], "gfx"),
        ("HSA_OVERRIDE_GFX_VERSION", "10.3.0", [device("amd_gpu", architecture="gfx1030")], None),
        ("HSA_OVERRIDE_GFX_VERSION", "9.0.10", [device("amd_gpu", architecture="gfx90a")], None),
        ("HSA_OVERRIDE_GFX_VERSION", "new", [device("amd_gpu", architecture="gfx90a")], None),
    ],
)
def test_variables_that_force_an_answer(name: str, value: str, devices: list[Device], about: str | None) -> None:
    assert [found.about for found in forced.look([(name, value)], devices)] == ([about] if about else [])
