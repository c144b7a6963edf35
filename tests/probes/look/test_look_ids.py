"""The tables of ids: no id means two things, and every kind that a table names exists."""

from collections import Counter
from collections.abc import Iterator

from probes.documents import DEVICE_KINDS
from probes.look import amd_ids, ascend, coral, gaudi, hailo, intel_ids, neuron, nvidia, others, tpu
from probes.look.survey import DEVICE_PROBES


def ids() -> Iterator[tuple[int, int]]:
    """Vendor and device of every entry of every table."""
    for vendor, table in (
        (amd_ids.GPU_VENDOR, amd_ids.GPUS),
        (amd_ids.NPU_VENDOR, amd_ids.NPU_DEVICES),
        (intel_ids.VENDOR, intel_ids.NPUS),
        (tpu.VENDOR, tpu.CHIPS),
        (neuron.VENDOR, neuron.MODELS),
        (gaudi.VENDOR, gaudi.MODELS),
        (hailo.VENDOR, hailo.MODELS),
        (coral.CARD.vendor, coral.CARD.models),
    ):
        yield from ((vendor, device) for device in table)
    for family in (*intel_ids.FAMILIES, *intel_ids.OLDER):
        yield from ((intel_ids.VENDOR, device) for device in family.ids)
    for maker, one in others.VENDORS.items():
        yield from ((maker, device) for device in one.ids or {})


def test_no_id_means_two_things() -> None:
    assert [key for key, count in Counter(ids()).items() if count > 1] == []


def test_ids_are_ids() -> None:
    assert all(0 <= part <= 0xFFFF for pair in ids() for part in pair)


def test_names_belong_to_known_families() -> None:
    assert all(intel_ids.family(device) for device in intel_ids.NAMES)


def test_revisions_belong_to_known_devices() -> None:
    assert {device for device, _ in amd_ids.NPUS} == set(amd_ids.NPU_DEVICES)


def test_a_vendor_is_judged_in_one_place() -> None:
    judged = {vendor for vendor, _ in ids() if vendor not in others.VENDORS} | {nvidia.VENDOR, ascend.VENDOR}
    assert judged == others.JUDGED
    assert not judged & set(others.VENDORS)


def test_usb_ids_are_told_apart() -> None:
    assert not set(coral.USB_IDS) & set(others.USB)


def test_every_kind_exists() -> None:
    models = [*neuron.MODELS.values(), *gaudi.MODELS.values()]
    assert {m.kind for m in models if m.kind} <= set(DEVICE_KINDS)
    assert set(DEVICE_PROBES) <= set(DEVICE_KINDS)
