"""What is kept for a time goes when it is over; so does what a process that was killed has left behind."""

import shutil
from datetime import timedelta
from pathlib import Path

from advisor import portfolios
from advisor.house import House
from advisor.portfolio_sources import INCOMING
from storage import portfolios as stored


def tidy(house: House) -> list[str]:
    """Take away what is not kept any longer, and folders that nothing speaks of; what went."""
    room, old = portfolios.room_of(house), portfolios.let_go(house)
    before = (house.now() - timedelta(days=1)).timestamp()  # what is younger may be coming in just now
    for folder in room.folder.glob("*") if room.folder.is_dir() else ():
        if _is_older(folder, before) and not _is_spoken_of(house, folder.name):
            shutil.rmtree(folder, ignore_errors=True)
            old.append(folder.name)
    return old


def _is_older(folder: Path, moment: float) -> bool:
    try:
        return folder.is_dir() and folder.stat().st_mtime < moment
    except FileNotFoundError:  # another worker was first
        return False


def _is_spoken_of(house: House, name: str) -> bool:
    if name.startswith((portfolios.GOING, INCOMING)):
        return False
    with house.database.reading() as session:
        return not portfolios.is_id(name) or stored.exists(session, name)
