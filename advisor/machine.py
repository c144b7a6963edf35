"""The machine that this process runs on: looked at, packed for other machines, sent and compared; needs no database."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import probes
from advisor.errors import NotTaken
from advisor.settings import Settings
from probes import comparing, travelling
from probes.look.limits import MAX_TEXT_CHARACTERS
from probes.look.text import is_plain
from rules.faults import Fault, InvalidInput, shown
from rules.hardware import Profile

if TYPE_CHECKING:
    from probes.look.push import Target


def look(settings: Settings) -> dict[str, Any]:
    """What this machine has: the profile document that a probe makes, redacted."""
    return probes.document(probes.local(deadline_s=settings.probe_deadline_s))


def labelled(document: Mapping[str, Any], label: str) -> dict[str, Any]:
    """A profile document that calls its machine otherwise.

    Raises:
        InvalidInput: the label is no short line of text.
    """
    if not 0 < len(label) <= MAX_TEXT_CHARACTERS or not is_plain(label):
        raise InvalidInput([Fault("label", shown(label), f"text of 1 to {MAX_TEXT_CHARACTERS} characters")])
    return {**document, "label": label}


def standalone() -> str:
    """The probe as one Python file for other machines."""
    return travelling.source()


def target(url: str, key: str | None, *, insecure: bool = False) -> "Target":
    """Where a profile is to be sent, checked before anything is looked at.

    Raises:
        InvalidInput: the address or the key cannot be used; the key is not shown.
    """
    from probes.look import push  # brings an HTTP client with it: start-up time

    try:
        return push.target(url, key, insecure=insecure)
    except push.Unsuitable as unsuitable:
        given = shown(url.partition("?")[0].rpartition("@")[2]) if unsuitable.about == "push" else "this one"
        raise InvalidInput([Fault(unsuitable.about, given, str(unsuitable))]) from None


def send(document: dict[str, Any], to: "Target") -> str:
    """Send a profile document, byte for byte as `probe.py --json` prints it; the id under which the service keeps it.

    Raises:
        NotTaken: with the reason.
    """
    from probes.look import main, push  # brings an HTTP client with it: start-up time

    try:
        return push.push(main.encoded(document), to)
    except push.Refused as refused:
        raise NotTaken(str(refused), refused.about_key) from None


def parse(document: Mapping[str, Any]) -> Profile:
    """The profile in a document.

    Raises:
        InvalidInput: with every fault of the profile.
    """
    return probes.parse(document)


def document(profile: Profile) -> dict[str, Any]:
    """A profile as a document, as a probe writes it."""
    return probes.document(profile)


def compared(before: Profile, after: Profile) -> dict[str, Any]:
    """What changed from one profile to another, what most likely matters first."""
    return {
        "before": {"label": before.label, "captured_at": before.captured_at},
        "after": {"label": after.label, "captured_at": after.captured_at},
        "same_machine": before.host_hash == after.host_hash if before.host_hash and after.host_hash else None,
        "changes": [asdict(change) for change in comparing.changes(before, after)],
    }
