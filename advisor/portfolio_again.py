"""The same projects again: a stored portfolio scored anew from the release that is active now."""

import re
import shutil
from datetime import datetime

from advisor import portfolio_specs, portfolio_weights, portfolios
from advisor.errors import room_needed
from advisor.house import House
from advisor.portfolio_done import done, intact, kept_of
from advisor.portfolios import Seen

_AGAIN = re.compile(r" \(scored again [0-9: -]{16} UTC\)$")


def scored_from(house: House, portfolio: str) -> str | None:
    """The portfolio whose projects this one, which is done, scored again; None where it was handed in by itself.

    Raises:
        Missing: there is no such portfolio.
        Conflict: it is not done.
    """
    done(house, portfolio)
    before: str | None = kept_of(house, portfolio).get("of")
    return before


def again_called(name: str, when: datetime) -> str:
    """What a portfolio is called that is scored again: as the first one, with the time behind it."""
    behind = f" (scored again {when:%Y-%m-%d %H:%M} UTC)"
    return f"{_AGAIN.sub('', name)[: portfolios.MAX_NAME_CHARACTERS - len(behind)]}{behind}"


def rescore(house: House, portfolio: str, release: str | None = None, name: object = None) -> Seen:
    """A new portfolio of the same projects, asked in the same way of another release; it is queued.

    House policies count as they did, from the day on which this is asked; the machine is the one that was meant.

    Args:
        house: the parts to work with.
        portfolio: a portfolio that is done.
        release: the release to answer from; None: the active one.
        name: what the new one is called; None: as the old one, with the time behind it.

    Raises:
        Missing: there is no such portfolio.
        Conflict: it is not done, or its projects are not there any more.
        InvalidInput: the policies do not fit the release, or there is no such release.
        NoRoom: there is none for it.
        Full: as many portfolios are stored as may be.
    """
    from portfolio import passports, rescoring  # brings Polars with it: start-up time

    portfolios.require_room(house)
    run = done(house, portfolio)
    before = kept_of(house, portfolio)
    options = before["options"]
    asked = portfolio_specs.specified(
        house,
        {
            "hardware_from": passports.profile_from(before.get("machine")),
            "policy": before["policies"] or None,
            "release": release,
            "top": options["top"],
            "more": [each for each in portfolio_specs.MORE if options[each]],
            "block_rows": before["block_rows"],
        },
    )
    called = portfolios.named_as(name, again_called(portfolios.get(house, portfolio)["name"], house.now()))
    made = portfolios.new_id()
    folder = portfolios.folder_of(house, made)
    try:
        with room_needed(), intact(house, portfolio):
            (folder / "run").mkdir(parents=True)
            paths = rescoring.lend(run, folder / "run", folder / "source")
            portfolio_weights.lend(house, portfolio, made)
        kept = {**asked.kept, "mapping": before["mapping"], "hardware": before["hardware"], "of": portfolio}
        kept["weights"] = before.get("weights")
        kept |= {"sources": before["sources"], "paths": [str(path) for path in paths]}
        return portfolios.queued(house, made, called, kept)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
