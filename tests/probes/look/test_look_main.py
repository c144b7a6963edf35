"""The probe's own command line, run in this process on a machine that a folder stands for."""

import json
from pathlib import Path

import pytest

import probes
from probes.look.main import main
from tests.receiving import answering, receiving


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "proc").mkdir(parents=True)
    (tmp_path / "root" / "proc" / "meminfo").write_text("MemTotal: 2097152 kB\n")
    return tmp_path / "root"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEELYARD_KEY", raising=False)


def test_what_is_printed_written_and_sent_are_the_same_bytes(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.json"
    with receiving(answering(201, {"id": "h-1"})) as service:
        code = main(
            [
                "--json",
                "-o",
                str(target),
                "--push",
                service.url,
                "--key",
                "k3y",
                "--label",
                "rig é",
                "--root",
                str(root),
            ]
        )
    told = capsys.readouterr()
    assert code == 0
    assert told.out.encode() == target.read_bytes() == service.seen[0].body
    assert "h-1" in told.err
    assert "k3y" not in told.out + told.err + target.read_text()
    profile = probes.parse(json.loads(told.out))
    assert (profile.label, profile.memory_total_bytes) == ("rig é", 2**31)


def test_nothing_is_sent_unless_it_is_asked_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert main(["--root", str(root)]) == 0


def test_the_key_may_come_from_the_environment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_KEY", "from-outside")
    with receiving(answering(201, {"id": "h-1"})) as service:
        assert main(["--push", service.url, "--root", str(root)]) == 0
    assert service.seen[0].headers["authorization"] == "Bearer from-outside"


@pytest.mark.parametrize(("status", "code"), [(401, 2), (403, 2), (413, 3), (422, 3), (302, 3), (500, 3)])
def test_a_refusal_is_told_by_the_exit_code(
    root: Path, capsys: pytest.CaptureFixture[str], status: int, code: int
) -> None:
    with receiving(answering(status, {"detail": "Because."}, Location="/x")) as service:
        assert main(["--push", service.url, "--key", "k3y", "--root", str(root)]) == code
    assert "k3y" not in capsys.readouterr().err


def test_a_bad_address_is_told_before_anything_is_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--push", "http://example.org", "--root", "/nowhere"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "https" in told.err


@pytest.mark.parametrize("wrong", [["--deadline", "0"], ["--deadline", "nan"], ["--deadline", "x"], ["--what"]])
def test_a_wrong_usage_ends_with_two(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(wrong)
    assert caught.value.code == 2


def test_a_file_that_cannot_be_written_ends_with_three(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-o", str(root), "--root", str(root)]) == 3
    assert "Is a directory" in capsys.readouterr().err


def test_the_key_is_not_in_the_help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_KEY", "from-outside")
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert "from-outside" not in told
    assert "--root" not in told
