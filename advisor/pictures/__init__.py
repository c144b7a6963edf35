"""Pictures of a decision and of a portfolio: specifications with text equivalents, drawn as SVG for pages, records and
documents.

Everything is looked up in the recorded document; nothing is decided again. Each function makes a picture of a given
width, 640 pixels unless said; at 336 its labels stand above what they name.
"""

from advisor.pictures.dated import evidence
from advisor.pictures.firsts import firsts, firsts_by
from advisor.pictures.picture import COLOURS, Palette, Picture, draw, edition
from advisor.pictures.places import ranks
from advisor.pictures.price import price
from advisor.pictures.ranked import ranking
from advisor.pictures.shapes import NARROW, WIDE
from advisor.pictures.waterfall import contributions
from advisor.pictures.way import stack

__all__ = [
    "COLOURS",
    "NARROW",
    "WIDE",
    "Palette",
    "Picture",
    "contributions",
    "draw",
    "edition",
    "evidence",
    "firsts",
    "firsts_by",
    "price",
    "ranking",
    "ranks",
    "stack",
]
