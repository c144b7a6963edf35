"""Every recorded machine: nothing in its profile is refused, taken out or changed by the way, and its report fits."""

import json
from collections.abc import Callable

import pytest

import probes
from probes.comparing import changes
from probes.look import report
from probes.look.limits import MAX_DOCUMENT_BYTES
from probes.look.machine import Machine
from probes.look.main import encoded
from probes.look.redaction import redacted, scrubber
from probes.look.survey import survey
from probes.plausible import implausible
from tests import recorded_machines as machines
from tests.conftest import NOW


@pytest.mark.parametrize("name", machines.names())
def test_a_real_machine_gets_through_unharmed(machine_at: Callable[..., Machine], name: str) -> None:
    recorded = machines.load(name)
    built: list[Machine] = []
    seams = machines.seams(recorded, lambda: built[0].root)
    built.append(machine_at(machines.tree(recorded), **seams))
    profile = survey(built[0], 10.0)
    assert implausible(profile, NOW) == []
    kept = redacted(profile, scrubber(built[0]))
    assert kept == profile
    document = probes.document(kept)
    assert probes.parse(json.loads(json.dumps(document))) == profile
    assert changes(profile, kept) == ()
    assert len(encoded(document)) <= MAX_DOCUMENT_BYTES
    assert max(map(len, report.text(document).splitlines())) <= report.WIDTH
