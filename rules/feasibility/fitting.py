"""Whether a plan fits the devices there are, how many it takes at least, and what else would fit.

An answer is yes only where the highest estimate fits the least that may be used, no only where the lowest does not fit
the most; in between it is uncertain, and where the memory is not known it is unknown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rules.feasibility.amounts import Span, said, said_between
from rules.feasibility.changing import changes, spread
from rules.feasibility.memory import Estimate, estimate
from rules.feasibility.plan import Plan

Answer = Literal["yes", "no", "uncertain", "unknown"]
Pool = Literal["own", "unified", "host", "limit"]

MOST_DEVICES = 65_536
UNNAMED = "not known, as no language model is named"
# What of a device's memory may be used, low, typical and high, and why.
_ALL = ((1.0, 1.0, 1.0), "all of it")
_SERVED = ((0.9, 0.9, 1.0), "90 % of it, as vLLM takes by default, to all of it")
_UNIFIED = (
    (2 / 3, 0.75, 0.84),
    "two thirds to 84 % of the pool, the rest is the system's: macOS gives its GPU 10.67 of 16, 11.84 of 16 and 107.5"
    " of 128 GiB",
)
_LIMIT = ((1.0, 1.0, 1.0), "all of the limit")
_HOST = ((0.75, 0.9, 1.0), "75 % to all of it: our allowance for the system")
SHARED = ("host", "unified")
LIGHTER = ("at a time", "tokens")


@dataclass(frozen=True, slots=True)
class Budget:
    """The memory of one device in bytes (None or 0: not known) and whose it is, and the machine's main memory.

    `own` memory is the device's, a `unified` pool is shared with the system, `host` is the machine's main memory, and a
    `limit` is what somebody says may be used.
    """

    memory: float | None
    pool: Pool = "own"
    host: float | None = None

    @property
    def around(self) -> Span | None:
        """What may be used of the main memory around devices with their own; None where it is not known."""
        if not self.host or self.host < 0:
            return None
        return Span(*(self.host * share for share in _HOST[0]))

    def usable(self, purpose: str) -> Span | None:
        """What may be used, None where the memory is not known: no memory on record is not no memory."""
        if not self.memory or self.memory < 0:
            return None
        shares, _ = self._shares(purpose)
        return Span(*(self.memory * share for share in shares))

    def told(self, purpose: str) -> str:
        """What may be used, in words."""
        return self._shares(purpose)[1]

    def _shares(self, purpose: str) -> tuple[tuple[float, float, float], str]:
        own = _SERVED if purpose == "serve" else _ALL
        return {"own": own, "unified": _UNIFIED, "host": _HOST, "limit": _LIMIT}[self.pool]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another plan: what changes, and whether that fits."""

    text: str
    plan: Plan
    answer: Answer
    needs: Span


@dataclass(frozen=True, slots=True)
class Fit:
    """What became of a plan: the answer, what it needs, what may be used, and what else would fit.

    `devices` is the least number of such devices with which the typical estimate fits, cut up over all of them; None
    where no number helps or the memory is not known.
    """

    plan: Plan
    estimate: Estimate
    usable: Span | None
    budget: str
    answer: Answer
    devices: int | None
    alternatives: tuple[Alternative, ...]
    around: Span | None = None

    @property
    def needs(self) -> Span:
        """What is held against `usable`: what a device takes, with what is moved to the same memory."""
        return _needs(self.plan, self.estimate, self.shared)

    @property
    def shared(self) -> bool:
        """Whether the memory of the host is the device's own."""
        return self.budget in (_HOST[1], _UNIFIED[1])


def fit(plan: Plan, budget: Budget, found: Estimate | None = None) -> Fit:
    """Whether a plan fits devices of this memory, how many it takes, and what else would fit, least change first."""
    taken, usable = found or estimate(plan), budget.usable(plan.purpose)
    answer = _answer(plan, taken, budget)
    devices = None if usable is None else least_devices(plan, usable)
    others = [_alternative(text, other, budget) for text, other in changes(plan, devices) if _moves(other, budget)]
    kept = [other for other in others if _better(other, answer, _needs(plan, taken, budget.pool in SHARED), usable)]
    told = budget.told(plan.purpose)
    return Fit(plan, taken, usable, told, answer, devices, tuple(_shortest(kept)), budget.around)


def _better(other: Alternative, answer: Answer, needs: Span, usable: Span | None) -> bool:
    """Whether another plan fits where this one does not, or may: of two that may, where only its typical need fits."""
    if usable is None or answer == "yes":
        return False
    if answer == "no" or other.answer != "uncertain":
        return other.answer in ("yes", "uncertain")
    return bool(other.needs.typical <= usable.typical < needs.typical)


def _moves(plan: Plan, budget: Budget) -> bool:
    """Whether what a plan moves to the host's memory leaves the device's."""
    return plan.offload == "none" or budget.pool not in SHARED


def _needs(plan: Plan, found: Estimate, shared: bool) -> Span:
    return found.device + found.host if shared and plan.offload != "none" else found.device


def _answer(plan: Plan, found: Estimate, budget: Budget) -> Answer:
    """Whether the devices have the memory, and the host for what is moved there; of a host that is not known no plan
    surely fits.
    """
    shared = budget.pool in SHARED
    answer = verdict(_needs(plan, found, shared), budget.usable(plan.purpose))
    if plan.offload == "none" or shared or answer == "unknown":
        return answer
    both = (answer, verdict(found.host, budget.around))
    return "no" if "no" in both else "yes" if both == ("yes", "yes") else "uncertain"


def _shortest(others: Sequence[Alternative]) -> Iterator[Alternative]:
    """The alternatives without those that change more of the same for nothing: after one that surely fits, further
    stages of sharding, and further steps down in what is served at a time, of which one that may fit is enough.
    """
    best: Answer = "no"
    for other in _without_more_sharding(others):
        lighter = other.text.endswith(LIGHTER)
        if not lighter or best == "no" or (best == "uncertain" and other.answer == "yes"):
            yield other
            best = other.answer if lighter else best


def _without_more_sharding(others: Sequence[Alternative]) -> Iterator[Alternative]:
    """The alternatives without the stages of sharding after one that surely fits: they change more for nothing."""
    enough = False
    for other in others:
        is_stage = other.text.startswith("ZeRO-")
        if not (is_stage and enough):
            yield other
        enough |= is_stage and other.answer == "yes"


def _alternative(text: str, plan: Plan, budget: Budget) -> Alternative:
    taken = estimate(plan)
    moved = f" ({said(float(taken.host.typical))} of it)" if plan.offload != "none" else ""
    return Alternative(f"{text}{moved}", plan, _answer(plan, taken, budget), taken.device)


def verdict(needs: Span, usable: Span | None) -> Answer:
    """Whether what is needed fits what may be used."""
    if usable is None:
        return "unknown"
    if needs.high <= usable.low:
        return "yes"
    return "no" if needs.low > usable.high else "uncertain"


def least_devices(plan: Plan, usable: Span) -> int | None:
    """The least number of devices, all sharing the model, on which the typical estimate fits typical memory."""

    def fits(count: int) -> bool:
        return bool(estimate(spread(plan, count)).device.typical <= usable.typical)

    if fits(1):
        return 1
    high = 2
    while not fits(high):
        high *= 2
        if high > MOST_DEVICES:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def by_weights(found: Fit, pool: Pool) -> Fit:
    """What is told of serving a model that is not named a language model: its weights, in every plan.

    The answer stays: not even the weights fit, or all fits that a transformer of this size takes, or it is not known.
    A limit is of one device, so that more of them are no way out.
    """
    kept = [other for other in found.alternatives if pool != "limit" or other.plan.devices == found.plan.devices]
    others = tuple(replace(other, needs=_weights(estimate(other.plan)).device) for other in kept)
    devices = None if pool == "limit" else found.devices
    return replace(found, estimate=_weights(found.estimate), devices=devices, alternatives=others)


def _weights(found: Estimate) -> Estimate:
    return Estimate(tuple(item for item in found.items if item.name == "weights"), UNNAMED)


def caution(found: Fit, subject: str) -> str | None:
    """A sentence on a plan that does not surely fit: what is needed, what is there, what would fit; else None."""
    if found.answer not in ("no", "uncertain") or found.usable is None:
        return None
    needs, each = found.needs, " on each device" if found.plan.devices > 1 else ""
    alone = found.estimate.shape == UNNAMED
    if alone and verdict(needs, found.usable) == "yes":
        return None
    does = "does not fit" if found.answer == "no" else "may not fit"
    takes = "its weights alone take" if alone else "it needs"
    what = (
        f"{subject} {does}: {takes} {said_between(needs)}{each}, about {said(float(needs.typical))},"
        f" and {said(float(found.usable.typical))} may be used{_told_of_host(found)}"
    )
    sure, maybe = ([o.text for o in found.alternatives if o.answer == answer] for answer in ("yes", "uncertain"))
    if sure:
        return f"{what}. Fits with {listed(sure)}{f'; perhaps with {listed(maybe)}' if maybe else ''}."
    none = "No way that is known here would fit" if found.answer == "no" else "No change known here makes it surely fit"
    return f"{what}. {f'May fit with {listed(maybe)}' if maybe else none}."


def _told_of_host(found: Fit) -> str:
    """What is needed of the host's memory and what it has, where it counts."""
    if found.plan.offload == "none" or found.shared:
        return ""
    has = "it is not known" if found.around is None else f"{said(float(found.around.typical))} may be used"
    return f"; of main memory it needs {said_between(found.estimate.host)}, and {has}"


def listed(texts: Sequence[str]) -> str:
    """`a, b or c`."""
    return " or ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
