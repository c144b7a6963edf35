"""Where a project can do without a role, as one frozen value. How it is found is `rules.without`'s business."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Itself:
    """One that runs the model itself on a target, at an official support level (2 or 3); `role` is where it leads."""

    framework: str
    role: str
    target: str
    level: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Where a project can do without the role: see `rules.without`.

    `needed_on` are the targets on which it cannot; `unverified` the facts that the answers ask about and that are not
    on file of what runs the model itself; `asked_by` the rules that ask for what only the role is graded on. `option`
    is the best ranked of the role that a way on file leads to, `better_on` the criteria on which it is graded better,
    `not_compared` those that are graded in this role only. `text` and `brings` say it all in sentences.
    """

    itself: tuple[Itself, ...]
    needed_on: tuple[str, ...]
    unverified: tuple[str, ...]
    asked_by: tuple[str, ...]
    option: str | None
    better_on: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    text: str = ""
    brings: str = ""

    @property
    def none_needed(self) -> bool:
        """Whether nothing of the role is needed on any target, as far as the answers ask."""
        return not (self.needed_on or self.unverified or self.asked_by)

    @property
    def spared(self) -> frozenset[tuple[str, str]]:
        """The (framework, target) that no runtime is needed for; none where something may ask for one."""
        if self.unverified or self.asked_by:
            return frozenset()
        return frozenset((each.framework, each.target) for each in self.itself)
