"""`steelyard signing-key create` and `steelyard verify`."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from advisor import signing
from advisor.signing import SigningKey
from tests.commanding import Steelyard
from tests.decided import document


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    made = signing.generate(tmp_path / "key.pem")
    (tmp_path / "public.pem").write_text(made.public.pem)
    return made


@pytest.fixture
def signed(key: SigningKey, tmp_path: Path) -> dict[str, Any]:
    """A signed decision, in `decision.json`."""
    made = document()
    made["signature"] = signing.sign(key, made["passport"])
    (tmp_path / "decision.json").write_text(json.dumps(made), encoding="utf-8")
    return made


# --- signing-key create ----------------------------------------------------------------------------------------------


def test_a_key_is_made_and_its_public_half_shown(steelyard: Steelyard, tmp_path: Path) -> None:
    ended = steelyard("signing-key", "create", "new.pem")
    made = signing.load(tmp_path / "new.pem").public
    assert (ended.code, ended.err) == (0, "")
    assert f"Key id: {made.id}\n{made.pem}" in ended.out
    assert stat.S_IMODE((tmp_path / "new.pem").stat().st_mode) == 0o600
    assert "PRIVATE" not in ended.out
    assert (tmp_path / "new.pem").read_text().splitlines()[1] not in ended.out


def test_a_key_as_json(steelyard: Steelyard, tmp_path: Path) -> None:
    found = steelyard("signing-key", "create", "new.pem", "--json").json()
    made = signing.load(tmp_path / "new.pem").public
    assert found == {"file": "new.pem", "algorithm": "Ed25519", "key_id": made.id, "public_key": made.pem}


def test_a_file_that_exists_is_not_overwritten(steelyard: Steelyard, tmp_path: Path) -> None:
    (tmp_path / "new.pem").write_text("mine")
    ended = steelyard("signing-key", "create", "new.pem")
    assert (ended.code, ended.out) == (2, "")
    assert "never overwritten" in ended.err
    assert (tmp_path / "new.pem").read_text() == "mine"


def test_a_folder_that_is_not_there(steelyard: Steelyard) -> None:
    assert steelyard("signing-key", "create", "nowhere/new.pem").code == 3


# --- verify ----------------------------------------------------------------------------------------------------------


def test_a_signed_decision_is_good(steelyard: Steelyard, signed: dict[str, Any], key: SigningKey) -> None:
    ended = steelyard("verify", "decision.json", "--public-key", "public.pem")
    assert (ended.code, ended.err) == (0, "")
    assert f"Good: unaltered, and signed by {key.public.id}" in ended.out
    assert signed["passport"] in ended.out
    found = steelyard("verify", "decision.json", "--public-key", "public.pem", "--json").json()
    assert found == {
        "outcome": "good",
        "id": signed["id"],
        "passport": signed["passport"],
        "key_id": key.public.id,
    }


def test_standard_input_and_several_keys(steelyard: Steelyard, signed: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_text(signing.generate(tmp_path / "other-private.pem").public.pem)
    both = ["--public-key", "other.pem", "--public-key", "public.pem"]
    content = (tmp_path / "decision.json").read_bytes()
    assert steelyard("verify", "-", *both, stdin=content).code == 0
    assert steelyard("verify", "-", *both[:2], stdin=content).code == 1


def test_the_configured_key_is_the_one_without_an_option(
    steelyard: Steelyard, signed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert steelyard("verify", "decision.json", "--json").json()["outcome"] == "unknown_key"
    monkeypatch.setenv("STEELYARD_SIGNING_KEY_FILE", "key.pem")
    assert steelyard("verify", "decision.json").code == 0


def test_a_file_needs_no_database(
    steelyard: Steelyard, signed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    assert steelyard("verify", "decision.json", "--public-key", "public.pem").code == 0


@pytest.mark.parametrize(
    ("changes", "outcome", "text"),
    [
        ({"engine": "0"}, "altered", "Altered:"),
        ({"id": "d-0"}, "altered", "Altered:"),
        ({"signature": None}, "unsigned", "Unsigned:"),
        ({"signature": {}}, "bad_signature", "Bad signature:"),
    ],
)
def test_what_is_not_good_fails_and_says_why(
    steelyard: Steelyard, signed: dict[str, Any], tmp_path: Path, changes: dict[str, Any], outcome: str, text: str
) -> None:
    (tmp_path / "decision.json").write_text(json.dumps({**signed, **changes}))
    ended = steelyard("verify", "decision.json", "--public-key", "public.pem")
    assert (ended.code, ended.err) == (1, "")
    assert text in ended.out
    as_json = steelyard("verify", "decision.json", "--public-key", "public.pem", "--json")
    assert (as_json.code, as_json.json()["outcome"]) == (1, outcome)


def test_an_unknown_key_is_named(steelyard: Steelyard, signed: dict[str, Any], key: SigningKey) -> None:
    ended = steelyard("verify", "decision.json")
    assert ended.code == 1
    assert key.public.id in " ".join(ended.out.split())


def test_a_recorded_recommendation_is_signed_and_good(
    steelyard: Steelyard, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_SIGNING_KEY_FILE", "key.pem")
    made = steelyard("recommend", "-", "--json", stdin=b"stage: research").json()
    assert made["signature"]["key_id"] == key.public.id
    assert steelyard("verify", made["id"]).code == 0
    assert steelyard("verify", made["id"], "--public-key", "public.pem").code == 0
    assert steelyard("replay", made["id"]).code == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{}", "a decision document"),
        (b"[]", "a decision document"),
        (b"id: d-1\npassport: abc\n", "valid JSON"),
        (b'{"id": "d-1", "id": "d-2", "passport": ""}', "used twice"),
        (b'{"id": "d-1", "passport": NaN}', "NaN"),
        (b"\xff", "UTF-8"),
        (b"", "valid JSON"),
    ],
)
def test_what_is_no_decision_is_bad_input(steelyard: Steelyard, tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "no.yaml").write_bytes(content)
    ended = steelyard("verify", "no.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "d-none"],
        ["verify", "nowhere.json"],
        ["verify", "decision.json", "--public-key", "nowhere.pem"],
        ["verify", "decision.json", "--public-key", "key.pem"],
        ["verify", "decision.json", "--public-key", "decision.json"],
    ],
)
def test_what_is_not_there_or_no_key_is_bad_input(
    steelyard: Steelyard, signed: dict[str, Any], arguments: list[str]
) -> None:
    ended = steelyard(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert steelyard(*arguments, "--json").problem()["exit_code"] == 2


def test_a_setting_that_names_no_key_is_bad_input(steelyard: Steelyard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_SIGNING_KEY_FILE", "nowhere.pem")
    ended = steelyard("recommend", "-", stdin=b"stage: research")
    assert (ended.code, ended.out) == (2, "")
    assert "STEELYARD_SIGNING_KEY_FILE: 'nowhere.pem' is not a file that can be read" in ended.err
