"""Fat binaries are read right, in files and in archives; garbage, bombs and time are survived."""

import os
import struct
import zipfile
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.look import fatbin, wheels
from probes.look import pieces as pieces_of
from rules.hardware import Code
from tests.probes.fat_binaries import MACHINE, PTX, Pieces, fat, piece

pieces = st.lists(
    st.tuples(st.sampled_from([PTX, MACHINE]), st.sampled_from([35, 75, 80, 90, 103, 120]), st.integers(0, 700)),
    min_size=1,
    max_size=12,
)


def counted(code: tuple[Code, ...]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for each in code:
        found[each.kind, each.target] += each.entries
    return found


def expected(entries: Pieces) -> Counter[tuple[str, str]]:
    return Counter(({PTX: "ptx", MACHINE: "sm"}[kind], str(generation)) for kind, generation, _ in entries)


def wheel(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@given(groups=st.lists(pieces, max_size=4), gap=st.binary(max_size=60))
def test_every_piece_is_counted_in_a_file_and_in_a_wheel(
    tmp_path_factory: pytest.TempPathFactory, groups: list[Pieces], gap: bytes
) -> None:
    folder = tmp_path_factory.mktemp("fat")
    content = b"\x7fELF" + bytes(40) + b"".join(gap.replace(b"\x50", b"\0") + fat(each) for each in groups) + gap
    library = folder / "libx.so"
    library.write_bytes(content)
    held = expected([each for group in groups for each in group])
    assert counted(fatbin.scan(library).code) == held
    packed = fatbin.scan(wheel(folder / "x.whl", {"x/libx.so": content}))
    assert counted(packed.code) == held
    assert packed.libraries == 1
    assert not packed.faults


@given(content=st.binary(max_size=400), at=st.integers(0, 300))
def test_garbage_and_files_cut_short_end_quietly(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("garbage")
    good = fat([(MACHINE, 80, 100), (PTX, 90, 50)])
    for number, bad in enumerate(
        (content, good[:at], good[:20] + content, pieces_of.MAGIC * 3 + content, content + good)
    ):
        library = folder / f"lib{number}.so"
        library.write_bytes(bad)
        assert fatbin.scan(library).faults == ()
        archive = folder / f"{number}.whl"
        archive.write_bytes(content)
        assert fatbin.scan(archive).code == ()


def test_a_magic_number_across_two_pieces_of_a_stream_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces_of, "CHUNK", 16)
    for shift in range(40):
        content = bytes(shift) + fat([(MACHINE, 80, 33), (PTX, 120, 7)]) + fat([(MACHINE, 75, 1)])
        library = tmp_path / "libx.so"
        library.write_bytes(content)
        held = Counter({("sm", "80"): 1, ("ptx", "120"): 1, ("sm", "75"): 1})
        assert counted(fatbin.scan(library).code) == held
        assert counted(fatbin.scan(wheel(tmp_path / "x.whl", {"libx.so": content})).code) == held


def test_entries_that_lie_about_their_size_are_not_followed(tmp_path: Path) -> None:
    lying = [
        struct.pack("<IHHQ", 0xBA55ED50, 1, 16, 2**60) + piece(MACHINE, 80, 10),
        struct.pack("<IHHQ", 0xBA55ED50, 2, 16, 74) + piece(MACHINE, 80, 10),
        struct.pack("<IHHQ", 0xBA55ED50, 1, 16, 74) + piece(7, 80, 10),
        struct.pack("<IHHQ", 0xBA55ED50, 1, 16, 74) + piece(MACHINE, 4_000_000, 10),
        struct.pack("<IHHQ", 0xBA55ED50, 1, 16, 64) + struct.pack("<HHIQIIHHI", 2, 1, 0, 0, 0, 0, 0, 0, 80).ljust(64),
        # So far ahead that no file position holds it.
        struct.pack("<IHHQ", 0xBA55ED50, 1, 16, 2**64 - 1) + struct.pack("<HHIQIIHHI", 2, 1, 64, 2**63, 0, 0, 0, 0, 80),
    ]
    for number, content in enumerate(lying):
        library = tmp_path / f"lib{number}.so"
        library.write_bytes(content)
        assert sum(counted(fatbin.scan(library).code).values()) == (number in (0, 5))


def test_only_what_lies_inside_a_group_counts(tmp_path: Path) -> None:
    bare = piece(MACHINE, 90, 4)
    beyond = struct.pack("<IHHQ", 0xBA55ED50, 1, 16, 64) + piece(MACHINE, 103, 5000)
    two = fat([(MACHINE, 80, 10)] * 2)
    for number, content in enumerate((two + bare * 3, beyond[:200] + two)):
        library = tmp_path / f"lib{number}.so"
        library.write_bytes(content)
        assert counted(fatbin.scan(library).code) == Counter({("sm", "80"): 2})


def test_a_member_that_unpacks_to_far_more_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fatbin, "FREE_BYTES", 1000)
    small = fat([(MACHINE, 80, 10)])
    seen = fatbin.scan(wheel(tmp_path / "x.whl", {"bomb.so": bytes(5_000_000), "lib.so": small}))
    assert seen.libraries == 1
    assert seen.faults == ("bomb.so: refused, it unpacks to 5000000 bytes",)
    assert counted(seen.code) == Counter({("sm", "80"): 1})


def test_all_members_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fatbin, "MAX_WHEEL_BYTES", 250)
    content = fat([(MACHINE, 80, 100)])
    seen = fatbin.scan(wheel(tmp_path / "x.whl", {"a.so": content, "b.so": content}))
    assert seen.libraries == 1
    assert len(seen.faults) == 1


def test_a_broken_member_costs_only_itself(tmp_path: Path) -> None:
    path = wheel(
        tmp_path / "x.whl", {"a.so": fat([(MACHINE, 80, 3000)]), "b.so": fat([(MACHINE, 90, 3)])}, zipfile.ZIP_STORED
    )
    content = bytearray(path.read_bytes())
    content[500] ^= 0xFF  # inside the first member: its checksum is wrong now
    path.write_bytes(bytes(content))
    seen = fatbin.scan(path)
    assert seen.faults == ("a.so: not readable (BadZipFile)",)
    assert ("sm", "90") in counted(seen.code)


def test_time_that_is_over_is_told(tmp_path: Path) -> None:
    library = tmp_path / "libx.so"
    library.write_bytes(fat([(MACHINE, 80, 10)]))
    seen = fatbin.scan(library, clock=lambda: 10.0, ends_at=9.0)
    assert seen.code == ()
    assert seen.faults == ("the time was over before everything was read",)
    assert fatbin.scan(library, clock=lambda: 1.0, ends_at=9.0).faults == ()


def test_entries_without_end_are_bounded_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces_of, "MAX_ENTRIES", 5)
    library = tmp_path / "libx.so"
    library.write_bytes(fat([(MACHINE, 80, 0)] * 9))
    seen = fatbin.scan(library)
    assert sum(counted(seen.code).values()) == 5
    assert seen.faults == ("more than 5 pieces of code",)


def test_a_library_that_is_too_large_is_not_read_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "libx.so"
    library.write_bytes(fat([(MACHINE, 80, 0)]))
    size = library.stat().st_size
    monkeypatch.setattr(fatbin, "MAX_LIBRARY_BYTES", size)
    assert fatbin.scan(tmp_path).faults == ()
    monkeypatch.setattr(fatbin, "MAX_LIBRARY_BYTES", size - 1)
    assert fatbin.scan(tmp_path) == fatbin.Scan((), 0, (f"libx.so: refused, it has {size} bytes",))


def test_a_folder_is_read_with_the_names_of_amd_files(tmp_path: Path) -> None:
    for name in ("lib/a_gfx942.co", "lib/b_gfx90a.dat", "c_gfx1100.hsaco", "d_gfx942.txt", "gfxes.co", "e_gfx11000.co"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "lib" / "libx.so.2").write_bytes(fat([(MACHINE, 80, 10)]))
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    seen = fatbin.scan(tmp_path)
    held = {("gfx", "gfx942"): 1, ("gfx", "gfx90a"): 1, ("gfx", "gfx1100"): 1, ("sm", "80"): 1}
    assert counted(seen.code) == Counter(held)
    assert [each.library for each in seen.code if each.kind == "sm"] == ["libx.so.2"]


def test_what_is_no_file_is_told_or_passed_over(tmp_path: Path) -> None:
    assert fatbin.scan(tmp_path / "missing.so") == fatbin.Scan((), 0)
    assert fatbin.scan(tmp_path / "missing.whl").faults == ("not readable: FileNotFoundError",)
    (tmp_path / "empty.so").write_bytes(b"")
    assert fatbin.scan(tmp_path / "empty.so").code == ()


def test_a_library_that_is_cut_short_while_it_is_read_is_told_and_kills_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "libx.so"
    library.write_bytes(fat([(MACHINE, 80, 10)]) + bytes(2**16) + fat([(MACHINE, 90, 10)]))
    monkeypatch.setattr(pieces_of, "CHUNK", 4096)
    looks = count()

    def clock() -> float:
        if next(looks) == 4:  # in the midst
            os.truncate(library, 4096)
        return 0.0

    seen = fatbin.scan(library, clock, 1.0)
    assert counted(seen.code) == Counter({("sm", "80"): 1})
    assert seen.faults == ("libx.so: changed while it was read",)


def test_more_kinds_of_code_than_a_profile_lists_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "liba.so").write_bytes(fat([(MACHINE, 70, 1), (MACHINE, 80, 1)]))
    (tmp_path / "libb.so").write_bytes(fat([(MACHINE, 90, 1)] * 3))
    assert fatbin.scan(tmp_path).left_out == 0
    monkeypatch.setattr(fatbin, "MAX_CODE", 2)
    seen = fatbin.scan(tmp_path)
    assert [(each.library, each.target) for each in seen.code] == [("libb.so", "90"), ("liba.so", "70")]
    assert (seen.left_out, seen.faults) == (1, ())


def test_tags_come_from_the_small_file_of_a_wheel(tmp_path: Path) -> None:
    text = b"Wheel-Version: 1.0\nTag: cp313-cp313-manylinux_2_28_x86_64\nTag: py3-none-any\n"
    assert wheels.tags(wheel(tmp_path / "x.whl", {"x-1.dist-info/WHEEL": text})) == (
        "cp313-cp313-manylinux_2_28_x86_64",
        "py3-none-any",
    )
    (tmp_path / "y-1.dist-info").mkdir()
    (tmp_path / "y-1.dist-info" / "WHEEL").write_bytes(text)
    assert len(wheels.tags(tmp_path)) == 2
    huge = wheel(tmp_path / "z.whl", {"x-1.dist-info/WHEEL": text + bytes(wheels.MAX_BYTES)})
    assert wheels.tags(huge) == ()
    assert wheels.tags(tmp_path / "none.whl") == ()
