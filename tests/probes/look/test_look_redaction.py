"""Redaction: nothing that tells whose machine it is gets into a document, and hashes mean something here only."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import probes
from probes.look import files, redaction
from probes.look.machine import Machine
from probes.look.redaction import redacted, scrubber
from probes.look.survey import survey
from probes.look.watch import Watch
from rules.hardware import Contradiction, Device, Finding, Profile, Software
from tests.conftest import PROFILE

MachineAt = Callable[..., Machine]
# Names that no text of ours holds by chance.
NAME = st.from_regex(r"[qxz][a-z0-9qxz]{3,12}[0-9]", fullmatch=True)
HEX = st.text("0123456789abcdef", min_size=2, max_size=2)
MAC = st.lists(HEX, min_size=6, max_size=6).map(":".join)
UUID = st.uuids().map(str)
SERIAL = st.from_regex(r"[A-Z0-9]{10,20}", fullmatch=True).filter(lambda s: len(set(s)) > 4)


def everywhere(secret: str) -> Profile:
    """A profile that holds a text in every field that takes one from outside."""
    said = f"before {secret} after"
    fields = {name: getattr(PROFILE, name) for name in PROFILE.__dataclass_fields__}
    return Profile(
        **{
            **fields,
            "label": said,
            "os_name": said,
            "cpu_vendor": said,
            "cpu_model": said,
            "kernel": said,
            "hypervisor": said,
            "devices": (
                Device("other", said, None, None, None, None, "yes", "yes", "yes", said, None, said, said, "0" * 16),
            ),
            "findings": (Finding("x", "present", "yes", f"read: {said}", said, 1.0, said),),
            "software": (Software(said, said, said),),
            "conflicts": (said,),
            "contradictions": (Contradiction(said, ((said, said),)),),
            "overrides": (("CUDA_VISIBLE_DEVICES", said),),
        }
    )


@pytest.fixture(scope="module")
def owned(machine_at: MachineAt) -> Callable[..., Machine]:
    def build(host: str, user: str, mac: str, uuid: str, serial: str) -> Machine:
        tree = {
            "/etc/hostname": f"{host}\n",
            "/etc/machine-id": "ab" * 16 + "\n",
            "/etc/passwd": f"root:x:0:0:root:/root:/bin/sh\n{user}:x:1000:1000:,,,:/srv/people/{user}:/bin/sh\n",
            "/etc/os-release": f'PRETTY_NAME="Linux on {host} by {user}"\n',
            "/proc/sys/kernel/hostname": f"{host}.{host}.example\n",
            "/proc/cpuinfo": f"processor : 0\nmodel name : CPU of {user} {serial}\nSerial : {serial}\n\n",
            "/proc/self/cgroup": f"0::/user.slice/{user}/{uuid}\n",
            "/sys/class/dmi/id/product_serial": serial,
            "/sys/class/dmi/id/product_uuid": uuid,
            "/sys/class/net/eth0/address": mac,
        }
        return machine_at(tree, env={"USER": user, "HOME": f"/srv/people/{user}", "HOSTNAME": host})

    return build


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(host=NAME, user=NAME, mac=MAC, uuid=UUID, serial=SERIAL)
def test_no_name_of_a_machine_gets_into_its_document(
    owned: Callable[..., Machine], host: str, user: str, mac: str, uuid: str, serial: str
) -> None:
    machine = owned(host, user, mac, uuid, serial)
    for secret in (host, user, mac, uuid, serial, f"/home/{user}/x", f"C:\\Users\\{user}", "ab" * 16, host.upper()):

        def tells(watch: Watch, secret: str = secret) -> tuple[Device, ...]:
            watch.note("present", "yes", f"read: {secret}", f"/x/{secret}/y")
            return (Device("other", f"Card {secret}", None, None, None, None, "yes", "yes", "yes"),)

        for profile in (survey(machine, 10.0, {"other": tells}), everywhere(secret)):
            document = probes.document(redacted(profile, scrubber(machine)))
            text = json.dumps(document).lower()
            for each in (host, user, mac, uuid, serial, secret):
                assert json.dumps(each)[1:-1].lower() not in text, (each, secret)
            assert probes.parse(document)


def test_what_was_taken_out_is_marked(owned: Callable[..., Machine]) -> None:
    uuid = "123e4567-e89b-12d3-a456-426614174000"
    scrub = scrubber(owned("zweistein", "qalice7", "aa:bb:cc:dd:ee:0f", uuid, "SN12345XYZ"))
    assert scrub("zweistein.zweistein.example") == "[host]"
    assert scrub("at zweistein-gpu") == "at [host]-gpu"
    assert scrub("/srv/people/qalice7/lib") == "[home]/lib"
    assert scrub("/home/somebody/lib") == "[home]/lib"
    assert scrub("of qalice7") == "of [user]"
    assert scrub("GPU-0f0e0d0c-1111-2222-3333-444455556666") == "GPU-[id]"
    assert scrub("on AA:BB:CC:00:11:22") == "on [mac]"
    assert scrub("no SN12345XYZ") == "no [serial]"
    assert scrub("https://joe:pw@index.example/simple") == "https://[key]@index.example/simple"


@pytest.mark.parametrize(
    "text", ["0000:65:00.0", "580.95.05", "NVIDIA GeForce RTX 4090", "6.1.0-13-amd64", "gpu_is_lost: x"]
)
def test_what_tells_nothing_stays(machine_at: MachineAt, text: str) -> None:
    machine = machine_at(
        {"/etc/hostname": "gpu\n", "/etc/passwd": "nvidia:x:1000:1000::/home/nvidia:/bin/sh\n"},
        env={"USER": "root", "HOME": "/root", "LOGNAME": "x"},
    )
    assert scrubber(machine)(text) == text


def test_a_short_name_is_taken_out_as_a_word_only(machine_at: MachineAt) -> None:
    scrub = scrubber(machine_at({}, env={"USER": "eve"}))
    assert scrub("every eve: eve's Steve") == "every [user]: [user]'s Steve"


def test_a_file_that_does_not_come_back_costs_a_second_and_its_own_names(
    machine_at: MachineAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    read = files.read

    def stuck(root: Path, path: str) -> str | None:
        return None if path.startswith("/sys") and never.wait(60) else read(root, path)

    monkeypatch.setattr(files, "read", stuck)
    monkeypatch.setattr(redaction, "READING_LIMIT_S", 0.2)
    machine = machine_at({"/etc/hostname": "zweistein\n"}, env={"USER": "qalice7"})
    assert redaction.scrubber(machine)("qalice7 at zweistein") == "[user] at [host]"
    never.set()


def test_names_are_read_before_the_first_text(machine_at: MachineAt, monkeypatch: pytest.MonkeyPatch) -> None:
    began = threading.Event()
    read = files.read

    def noted(root: Path, path: str) -> str | None:
        began.set()
        return read(root, path)

    monkeypatch.setattr(files, "read", noted)
    scrub = scrubber(machine_at({"/etc/hostname": "zweistein\n"}))
    assert began.wait(60)
    assert scrub("at zweistein") == "at [host]"


def test_a_profile_without_names_stays_as_it_is(machine_at: MachineAt) -> None:
    assert redacted(PROFILE, scrubber(machine_at({"/etc/machine-id": "ab" * 16}))) == PROFILE


def test_names_are_taken_out_where_no_thread_can_be_started(
    machine_at: MachineAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refused(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr("probes.look.redaction.Thread", Refused)
    scrub = scrubber(machine_at({}, env={"USER": "qalice7"}))
    assert scrub("seen by qalice7") == "seen by [user]"
