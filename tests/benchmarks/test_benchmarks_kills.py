"""The service and its workers are killed for real, a few times; `python -m benchmarks.kills` does it for longer."""

import secrets
from pathlib import Path

from benchmarks import kills


def test_the_service_and_its_workers_are_killed_and_nothing_is_lost(small_pack_folder: Path) -> None:
    settings = {"STEELYARD_PACK": str(small_pack_folder)}
    told = kills.run(3, 1_500, is_postgresql=False, seed=secrets.randbits(32), settings=settings)
    assert "every row once, every byte the same" in told
