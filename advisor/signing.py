"""Ed25519 signatures of decisions: who holds a decision and a public key can tell who made it and that it is unchanged.

What is signed is the passport, which hashes the whole decision but the moment it was recorded. A signature therefore
says nothing about time. Private keys stay in their file and in memory: no message, error or representation holds one.

Signatures are EdDSA over Curve25519 (RFC 8032), made by the package `cryptography`. It is an optional extra, imported
where a key is used and nowhere else: start-up time, and most installations sign nothing.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from rules import passport as passports
from rules.faults import Fault, InvalidInput, shown

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = "Ed25519"
DOMAIN = b"steelyard decision passport v1\n"  # so that no signature made for another purpose passes for one of these
SETTING = "STEELYARD_SIGNING_KEY_FILE"
ID_DIGITS = 24
MAX_KEY_BYTES = 16_384
PRIVATE_EXPECTED = "an Ed25519 private key in PEM (PKCS#8) without a passphrase"
PUBLIC_EXPECTED = "an Ed25519 public key in PEM"


class Signature(TypedDict):
    """What a signed decision document carries under `signature`; the signature itself is in Base64."""

    algorithm: str
    key_id: str
    signature: str


class Outcome(StrEnum):
    """What was found of a decision document."""

    GOOD = "good"
    ALTERED = "altered"
    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks signatures. `id` is made from the key: the head of the SHA-256 of its DER form."""

    id: str
    pem: str
    _key: "Ed25519PublicKey" = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that makes signatures, and the public key that checks them."""

    public: PublicKey
    _key: "Ed25519PrivateKey" = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome for one document: `passport` is that of its content, `key_id` the key it names as its signer."""

    outcome: Outcome
    id: str
    passport: str
    key_id: str | None


# --- Keys ------------------------------------------------------------------------------------------------------------


def generate(path: Path) -> SigningKey:
    """Make a private key and write it to a new file that only its owner may read.

    Raises:
        InvalidInput: the file exists (a key is never overwritten), or the extra `signing` is not installed.
        OSError: the file cannot be written; nothing is left behind.
    """
    _installed()
    from cryptography.hazmat.primitives import serialization  # optional, and start-up time
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    _write_new(path, key.private_bytes(encoding, form, serialization.NoEncryption()))
    return SigningKey(_public(key.public_key()), key)


def _write_new(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        expected = "a file that does not exist yet; a key is never overwritten"
        raise InvalidInput([Fault("FILE", shown(str(path)), expected)]) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # raised again: nothing is left that a second try would stumble over
        with suppress(OSError):
            path.unlink()
        raise


def load(path: Path, name: str = SETTING) -> SigningKey:
    """The private key in a file; `name` is what messages call the place that named the file.

    Raises:
        InvalidInput: no such file, not such a key, or the extra `signing` is not installed.
    """
    _installed()
    from cryptography.exceptions import UnsupportedAlgorithm  # optional, and start-up time
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    content = _content(path, name)
    refused = InvalidInput([Fault(name, shown(str(path)), f"a file with {PRIVATE_EXPECTED}")])
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it has a passphrase
        raise refused from None
    if not isinstance(key, Ed25519PrivateKey):
        raise refused
    return SigningKey(_public(key.public_key()), key)


def load_public(path: Path, name: str) -> PublicKey:
    """The public key in a file; `name` is what messages call the place that named the file.

    Raises:
        InvalidInput: no such file, not such a key, or the extra `signing` is not installed.
    """
    _installed()
    from cryptography.exceptions import UnsupportedAlgorithm  # optional, and start-up time
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    content = _content(path, name)
    refused = InvalidInput([Fault(name, shown(str(path)), f"a file with {PUBLIC_EXPECTED}")])
    try:
        key = serialization.load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise refused from None
    if not isinstance(key, Ed25519PublicKey):
        raise refused
    return _public(key)


def _content(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_KEY_BYTES)
    except OSError as error:
        fault = Fault(name, shown(str(path)), f"a file that can be read ({error.strerror})")
        raise InvalidInput([fault]) from None


def _public(key: "Ed25519PublicKey") -> PublicKey:
    from cryptography.hazmat.primitives import serialization  # optional, and start-up time

    form = serialization.PublicFormat.SubjectPublicKeyInfo
    der = key.public_bytes(serialization.Encoding.DER, form)
    pem = key.public_bytes(serialization.Encoding.PEM, form).decode("ascii")
    return PublicKey(f"k-{hashlib.sha256(der).hexdigest()[:ID_DIGITS]}", pem, key)


def described(key: PublicKey) -> dict[str, str]:
    """A public key as JSON."""
    return {"algorithm": ALGORITHM, "key_id": key.id, "public_key": key.pem}


def _installed() -> None:
    try:
        import cryptography  # noqa: F401  optional, and start-up time
    except ImportError:
        expected = "able to sign or check signatures; install the extra: steelyard[signing]"
        fault = Fault("signing", "this installation, which lacks the package cryptography,", expected)
        raise InvalidInput([fault]) from None


# --- Signatures ------------------------------------------------------------------------------------------------------


def message(passport: str) -> bytes:
    """The bytes that are signed for a passport."""
    return DOMAIN + passport.encode("ascii")


def sign(key: SigningKey, passport: str) -> Signature:
    """The signature of a decision's passport."""
    made = base64.b64encode(key._key.sign(message(passport))).decode("ascii")
    return {"algorithm": ALGORITHM, "key_id": key.public.id, "signature": made}


def verify(document: object, keys: Sequence[PublicKey]) -> Verified:
    """Whether a decision document is what was signed with one of these keys.

    The content comes first: a document that does not fit its own passport is altered, whatever its signature says.

    Raises:
        InvalidInput: it is no decision document: no object, without id or passport, or with a number out of range.
    """
    if not isinstance(document, Mapping) or not all(isinstance(document.get(key), str) for key in ("id", "passport")):
        raise InvalidInput([Fault("document", _kind(document), "a decision document, with id and passport")])
    if "engine" in document and "asked_roles" not in document:
        made = f"one made by engine {shown(document['engine'])}"
        raise InvalidInput([Fault("document", made, "one whose passport covers itself only (engine 2 or later)")])
    signature = document.get("signature")
    signer = signature.get("key_id") if isinstance(signature, Mapping) else None
    key_id = signer if isinstance(signer, str) else None
    try:
        passport = passports.recompute(document)
    except ValueError:  # what is too large for a number was read as infinity
        raise InvalidInput([Fault("document", "a number that is not finite", "one that a decision can hold")]) from None
    if document["passport"] != passport or document["id"] != passports.name(passport):
        return Verified(Outcome.ALTERED, document["id"], passport, key_id)
    return Verified(_outcome(passport, signature, {key.id: key for key in keys}), document["id"], passport, key_id)


def _outcome(passport: str, signature: object, keys: Mapping[str, PublicKey]) -> Outcome:
    if signature is None:
        return Outcome.UNSIGNED
    match signature:
        case {"algorithm": "Ed25519", "key_id": str(key_id), "signature": str(made), **rest} if not rest:
            if key_id not in keys:
                return Outcome.UNKNOWN_KEY
            return Outcome.GOOD if _holds(keys[key_id], made, passport) else Outcome.BAD_SIGNATURE
    return Outcome.BAD_SIGNATURE


def _holds(key: PublicKey, made: str, passport: str) -> bool:
    from cryptography.exceptions import InvalidSignature  # optional, and start-up time

    try:
        key._key.verify(base64.b64decode(made, validate=True), message(passport))
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def _kind(value: object) -> str:
    return f"an object with the keys {shown(sorted(map(str, value)))}" if isinstance(value, Mapping) else shown(value)
