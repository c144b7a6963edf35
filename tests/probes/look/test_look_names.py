"""Generations, by code, capability, chip and id on the bus."""

import pytest

from probes.look import nvidia_names as names


@pytest.mark.parametrize(
    ("capability", "generation"),
    [
        ("3.5", "kepler"),
        ("5.3", "maxwell"),
        ("6.2", "pascal"),
        ("7.0", "volta"),
        ("7.5", "turing"),
        ("8.7", "ampere"),
        ("8.9", "ada"),
        ("9.0", "hopper"),
        ("10.3", "blackwell"),
        ("12.1", "blackwell"),
        ("10.7", "rubin"),
        ("99.0", None),
        (None, None),
        ("", None),
    ],
)
def test_capabilities(capability: str | None, generation: str | None) -> None:
    assert names.of_capability(capability) == generation


@pytest.mark.parametrize(
    ("device", "generation"),
    # Ids of the PCI ID database: H100, H200, B200, GB10, RTX 4090, A100, T4, V100, GT 1030, P100, B300, L4.
    [
        (9008, "hopper"),
        (9013, "hopper"),
        (10497, "blackwell"),
        (11794, "blackwell"),
        (9860, "ada"),
        (8368, "ampere"),
        (7864, "turing"),
        (7604, "volta"),
        (7425, "pascal"),
        (5624, "pascal"),
        (12674, "blackwell"),
        (10168, "ada"),
        (4480, None),
        (65535, None),
        (None, None),
    ],
)
def test_ids_on_the_bus(device: int | None, generation: str | None) -> None:
    assert names.of_bus(device) == generation


def test_codes_and_chips() -> None:
    assert [names.of_library(code) for code in (2, 9, 13, 0xFFFFFFFF, None)] == [
        "kepler",
        "hopper",
        "rubin",
        None,
        None,
    ]
    assert names.of_tegra("nvidia,p3737\0nvidia,tegra234") == "ampere"
    assert names.of_tegra("nvidia,tegra20") is None
