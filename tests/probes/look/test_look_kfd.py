"""AMD's compute driver: the target of a number, nodes that are processors, and files that say nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import Plant

from probes.look import kfd


@pytest.mark.parametrize(
    ("number", "target"),
    [
        (90010, "gfx90a"),
        (90402, "gfx942"),
        (90500, "gfx950"),
        (100300, "gfx1030"),
        (100301, "gfx1031"),
        (110501, "gfx1151"),
        (120001, "gfx1201"),
        (0, None),
        (90016, None),
        (91600, None),
        (10**9, None),
    ],
)
def test_targets_as_the_maker_names_them(number: int, target: str | None) -> None:
    assert kfd.target(number) == target


@given(st.integers(6, 12), st.integers(0, 15), st.integers(0, 15))
def test_a_target_can_be_read_back(major: int, minor: int, step: int) -> None:
    target = kfd.target(major * 10000 + minor * 100 + step)
    assert target is not None
    assert (int(target[3:-2]), int(target[-2], 16), int(target[-1], 16)) == (major, minor, step)


def test_processors_are_told_from_cores_in_the_order_of_numbers(plant: Plant) -> None:
    base = kfd.PATH
    gpu = "simd_count 80\ngfx_target_version 110501\nvendor_id 4098\nlocation_id {}\ndomain 1\ndrm_render_minor 12{}\n"
    root = plant(
        {
            f"{base}/0/properties": "cpu_cores_count 16\nsimd_count 0\n",
            f"{base}/10/properties": gpu.format(0x03F9, 9),
            f"{base}/2/properties": gpu.format(0x0300, 7) + "cpu_cores_count 8\n",
            f"{base}/2/mem_banks/0/properties": "heap_type 0\nsize_in_bytes 7\n",
            f"{base}/2/mem_banks/1/properties": "heap_type 1\nsize_in_bytes 30\n",
            f"{base}/2/mem_banks/2/properties": "heap_type 2\nsize_in_bytes 4\n",
            f"{base}/3/properties": gpu.format(1, 8).replace("4098", "4318"),
            f"{base}/x/properties": gpu.format(1, 8),
        }
    )
    found = kfd.inventory(root)
    assert found == (
        kfd.KfdNode("gfx1151", "0001:03:00.0", None, 34, True),
        kfd.KfdNode("gfx1151", "0001:03:1f.1", "/dev/dri/renderD129", None, False),
    )


def test_no_topology_and_an_empty_one_differ(plant: Plant) -> None:
    assert kfd.inventory(plant({})) is None
    assert kfd.inventory(plant({kfd.PATH: None})) == ()


@pytest.mark.parametrize(
    "text", ["", "simd_count", "simd_count -4", "simd_count 99999999999999999999999", "\0\0", "\ud7ff"]
)
def test_nonsense_is_no_processor(plant: Plant, text: str) -> None:
    assert kfd.inventory(plant({f"{kfd.PATH}/1/properties": text})) == ()
