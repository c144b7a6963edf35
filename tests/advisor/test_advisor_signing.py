"""Signatures: made and checked, checked by a second formula, and every way in which a document can fail."""

import base64
import builtins
import copy
import hashlib
import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from advisor import bootstrap, recommend, signing
from advisor.errors import InvalidInput
from advisor.house import House
from advisor.settings import Settings
from advisor.signing import Outcome, SigningKey
from tests.asking import decided
from tests.decided import BODY, document

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return signing.generate(tmp_path / "key.pem")


@pytest.fixture
def other(tmp_path: Path) -> SigningKey:
    return signing.generate(tmp_path / "other.pem")


def signed(key: SigningKey, **changes: Any) -> dict[str, Any]:
    made = document(**changes)
    return {**made, "signature": signing.sign(key, made["passport"])}


def outcome(made: object, *keys: SigningKey) -> Outcome:
    return signing.verify(json.loads(json.dumps(made)), [key.public for key in keys]).outcome


# --- A second formula: RFC 8032, section 5.1, on points as pairs -----------------------------------------------------


def add(a: Point, b: Point) -> Point:
    product = D * a[0] * b[0] * a[1] * b[1]
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P)
    return x % P, y % P


def times(factor: int, point: Point) -> Point:
    found = (0, 1)
    for bit in bin(factor)[2:]:
        found = add(found, found)
        found = add(found, point) if bit == "1" else found
    return found


def decoded(octets: bytes) -> Point:
    number = int.from_bytes(octets, "little")
    y, odd = number % 2**255, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return (x if x % 2 == odd else P - x), y


def holds(public: bytes, message: bytes, signature: bytes) -> bool:
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    base = decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    return s < ORDER and times(s, base) == add(decoded(signature[:32]), times(h, decoded(public)))


def test_a_signature_holds_by_the_formulas_of_the_standard(key: SigningKey) -> None:
    made = signed(key)
    der = base64.b64decode("".join(key.public.pem.splitlines()[1:-1]))
    assert der[:12].hex() == "302a300506032b6570032100"  # RFC 8410, section 4
    assert made["signature"]["key_id"] == key.public.id == "k-" + hashlib.sha256(der).hexdigest()[:24]
    signature = base64.b64decode(made["signature"]["signature"])
    message = f"steelyard decision passport v1\n{made['passport']}".encode()
    assert holds(der[12:], message, signature)
    assert not holds(der[12:], message + b" ", signature)
    assert not holds(der[12:], made["passport"].encode(), signature)


# --- Outcomes --------------------------------------------------------------------------------------------------------


def test_what_was_signed_with_a_known_key_is_good(key: SigningKey, other: SigningKey) -> None:
    made = signed(key)
    assert outcome(made, other, key) is Outcome.GOOD
    found = signing.verify(made, [key.public])
    assert (found.id, found.passport, found.key_id) == (made["id"], made["passport"], key.public.id)
    assert outcome({**made, "created_at": "1999-01-01T00:00:00+00:00"}, key) is Outcome.GOOD


def changed(made: dict[str, Any], *path: str | int, to: object) -> dict[str, Any]:
    found = copy.deepcopy(made)
    place: Any = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return found


@pytest.mark.parametrize(
    "path",
    [
        *((key,) for key in BODY),
        ("roles", "training", "ranking", 0, "score"),
        ("answers", "data_gb"),
        ("passport",),
        ("id",),
        ("surplus",),
    ],
)
def test_what_was_changed_is_altered_signed_or_not(key: SigningKey, path: tuple[str | int, ...]) -> None:
    assert outcome(changed(signed(key), *path, to="0"), key) is Outcome.ALTERED
    assert outcome(changed(document(), *path, to="0"), key) is Outcome.ALTERED


def test_an_altered_document_with_a_passport_made_anew_has_a_bad_signature(key: SigningKey) -> None:
    forged = {**document(draws=1), "signature": signed(key)["signature"]}
    assert outcome(forged, key) is Outcome.BAD_SIGNATURE


def test_a_document_without_a_signature_is_unsigned(key: SigningKey) -> None:
    made = document()
    assert outcome(made, key) is Outcome.UNSIGNED
    assert outcome({k: v for k, v in made.items() if k != "signature"}, key) is Outcome.UNSIGNED
    assert signing.verify(made, []).key_id is None


def test_a_signature_by_a_key_that_is_not_known(key: SigningKey, other: SigningKey) -> None:
    assert outcome(signed(key)) is outcome(signed(key), other) is Outcome.UNKNOWN_KEY
    assert signing.verify(signed(key), []).key_id == key.public.id


def test_a_signature_in_the_name_of_another_key_is_bad(key: SigningKey, other: SigningKey) -> None:
    named = {**signed(key)["signature"], "key_id": other.public.id}
    assert outcome({**document(), "signature": named}, key, other) is Outcome.BAD_SIGNATURE


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": ""},
        {"signature": "AAAA"},
        {"signature": "not base64!"},
        {"signature": "é" * 88},
        {"signature": base64.b64encode(bytes(64)).decode()},
        {"signature": 7},
        {"algorithm": "ed25519"},
        {"algorithm": None},
        {"key_id": 7},
        {"surplus": 1},
    ],
)
def test_a_signature_of_another_form_is_bad(key: SigningKey, wrong: dict[str, Any]) -> None:
    made = signed(key)
    assert outcome({**made, "signature": {**made["signature"], **wrong}}, key) is Outcome.BAD_SIGNATURE


@pytest.mark.parametrize("signature", ["text", [], 0, {}, False])
def test_a_signature_that_is_none_is_bad(key: SigningKey, signature: object) -> None:
    assert outcome({**document(), "signature": signature}, key) is Outcome.BAD_SIGNATURE


def test_a_signature_for_another_purpose_does_not_pass(key: SigningKey) -> None:
    made = document()
    bare = base64.b64encode(key._key.sign(made["passport"].encode())).decode()
    given = {"algorithm": "Ed25519", "key_id": key.public.id, "signature": bare}
    assert outcome({**made, "signature": given}, key) is Outcome.BAD_SIGNATURE


@pytest.mark.parametrize("given", [None, [], "text", 7, {}, {"id": "d-1"}, {"passport": "a"}, {"id": 1, "passport": 2}])
def test_what_is_no_decision_is_refused(key: SigningKey, given: object) -> None:
    with pytest.raises(InvalidInput, match="not a decision document"):
        signing.verify(given, [key.public])


def test_a_number_out_of_range_is_refused(key: SigningKey) -> None:
    with pytest.raises(InvalidInput, match="finite"):
        signing.verify(json.loads(json.dumps(document()).replace("10000", "1e999")), [key.public])


# --- Keys ------------------------------------------------------------------------------------------------------------


def test_a_key_is_written_for_its_owner_only_and_read_back(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = signing.generate(tmp_path / "k")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
    assert (tmp_path / "k").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert signing.load(tmp_path / "k").public == made.public
    assert outcome(signed(signing.load(tmp_path / "k")), made) is Outcome.GOOD


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    signing.generate(tmp_path / "k")
    before = (tmp_path / "k").read_bytes()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("k", "link"):
        with pytest.raises(InvalidInput, match="never overwritten"):
            signing.generate(tmp_path / name)
    assert (tmp_path / "k").read_bytes() == before
    assert not (tmp_path / "nowhere").exists()


def test_a_key_that_cannot_be_written_whole_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        signing.generate(tmp_path / "k")
    assert list(tmp_path.iterdir()) == []


PKCS8, PEM = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
PLAIN = serialization.NoEncryption()
NO_KEYS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"secret words",
    "another kind": lambda: ec.generate_private_key(ec.SECP256R1()).private_bytes(PEM, PKCS8, PLAIN),
    "with a passphrase": lambda: Ed25519PrivateKey.generate().private_bytes(
        PEM, PKCS8, serialization.BestAvailableEncryption(b"secret words")
    ),
    "cut": lambda: Ed25519PrivateKey.generate().private_bytes(PEM, PKCS8, PLAIN)[:60],
}


@pytest.mark.parametrize("kind", NO_KEYS)
def test_what_is_no_key_is_refused_by_name_and_not_shown(tmp_path: Path, kind: str) -> None:
    content = NO_KEYS[kind]()
    (tmp_path / "k").write_bytes(content)
    for load in (lambda: signing.load(tmp_path / "k"), lambda: signing.load_public(tmp_path / "k", "--public-key")):
        with pytest.raises(InvalidInput) as caught:
            load()
        told = str(caught.value)
        assert str(tmp_path / "k") in told
        assert told.startswith(("STEELYARD_SIGNING_KEY_FILE: ", "--public-key: "))
        assert not any(line and line in told for line in content.decode().splitlines())


def test_a_private_key_is_no_public_one_and_the_other_way_round(tmp_path: Path, key: SigningKey) -> None:
    (tmp_path / "public").write_text(key.public.pem)
    assert signing.load_public(tmp_path / "public", "x") == key.public
    with pytest.raises(InvalidInput, match=r"x: .*public key in PEM"):
        signing.load_public(tmp_path / "key.pem", "x")
    with pytest.raises(InvalidInput, match="private key in PEM"):
        signing.load(tmp_path / "public")


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="can be read"):
        signing.load(tmp_path / name)


def test_no_representation_holds_the_private_key(tmp_path: Path, key: SigningKey) -> None:
    secret = (tmp_path / "key.pem").read_text().splitlines()[1]
    assert secret not in repr(key) + str(key)
    assert "_key" not in repr(key)


def test_without_the_package_the_extra_is_named_and_what_needs_no_key_works(
    tmp_path: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "cryptography":
            raise ImportError(name)
        return real(name, *rest)

    made = signed(key)
    monkeypatch.setattr(builtins, "__import__", without)
    acts: list[Callable[[], object]] = [
        lambda: signing.generate(tmp_path / "new"),
        lambda: signing.load(tmp_path / "key.pem"),
        lambda: signing.load_public(tmp_path / "key.pem", "--public-key"),
    ]
    for act in acts:
        with pytest.raises(InvalidInput, match=r"install the extra: steelyard\[signing\]"):
            act()
    assert not (tmp_path / "new").exists()
    assert outcome(made) is Outcome.UNKNOWN_KEY
    assert outcome(document()) is Outcome.UNSIGNED


# --- Recommending ----------------------------------------------------------------------------------------------------


def test_a_recorded_recommendation_is_signed_and_replays(house: House, key: SigningKey) -> None:
    signer = replace(house, signing=key)
    given = decided(signer, {"offline": True})
    assert list(given)[:4] == ["id", "created_at", "passport", "signature"]
    assert given["signature"] == signing.sign(key, given["passport"])
    assert recommend.replay(signer, given["id"])["same"] is True
    assert recommend.replay(house, given["id"])["same"] is True


def test_nothing_is_signed_without_a_key_nor_what_is_not_recorded(house: House, key: SigningKey) -> None:
    unsigned = decided(house, {"offline": True})
    assert unsigned["signature"] is None
    assert decided(replace(house, signing=key), {}, store=False)["signature"] is None


def test_what_was_recorded_unsigned_stays_as_it_was(house: House, key: SigningKey) -> None:
    before = recommend.answer(house, {"offline": True})
    assert recommend.answer(replace(house, signing=key), {"offline": True}) == before


def test_the_key_comes_from_the_settings(tmp_path: Path, small_pack_folder: Path, key: SigningKey) -> None:
    settings = Settings(home=tmp_path / "home", pack=small_pack_folder, signing_key_file=tmp_path / "key.pem")
    built = bootstrap.build(settings)
    assert built.signing is not None
    assert built.signing.public == key.public
    built.database.close()


def test_a_setting_that_names_no_key_stops_the_start(tmp_path: Path, small_pack_folder: Path) -> None:
    settings = Settings(home=tmp_path / "home", pack=small_pack_folder, signing_key_file=tmp_path / "none.pem")
    with pytest.raises(InvalidInput, match="STEELYARD_SIGNING_KEY_FILE"):
        bootstrap.build(settings)


def test_a_decision_of_an_engine_whose_passport_covers_more_cannot_be_checked() -> None:
    old = {key: value for key, value in document(engine="1").items() if key != "asked_roles"}
    with pytest.raises(InvalidInput, match="engine"):
        signing.verify(old, [])
