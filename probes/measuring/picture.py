"""Bar charts as SVG text: panels below each other, bars with the spread of their runs, for light and dark ground.

Every number stands beside its bar and in the text equivalent. It knows bars and panels, nothing of measurements.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LABEL, RIGHT = 760, 190, 120
ROW, HEAD, FOOT = 24, 44, 22
BAR = WIDTH - LABEL - RIGHT
DOUBTFUL = (
    "Striped, †: not to be relied on, for its spread or for what else ran. Lines: from the least to the most seen."
)

STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 } .axis, .value { font-size: 12px } .axis { fill: #59636e }
.bar { fill: #3f72af } .other { fill: #8fa3b8 } .doubt { fill: url(#stripes) } .stripe { stroke: #3f72af }
.grid { stroke: #d1d9e0 } .spread { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .axis { fill: #9198a1 } .bar { fill: #79a9dd } .other { fill: #5f6f80 }
  .stripe { stroke: #79a9dd } .grid { stroke: #3d444d } .spread { stroke: #e6edf3 }
}
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, value, the least and most that was seen, and the value in words.

    `doubt` stripes it: its spread, or what else ran, was too large. `other` greys it: it stands there for comparison.
    """

    label: str
    value: float
    least: float
    most: float
    words: str
    doubt: bool = False
    other: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars on one scale of their own; `logarithmic` where they differ by factors of ten."""

    title: str
    unit: str
    bars: Sequence[Bar]
    logarithmic: bool = False


def draw(title: str, panels: Sequence[Panel]) -> str:
    """The picture as an SVG document."""
    parts = []
    top = 0.0
    for panel in panels:
        parts.append(f'<g transform="translate(0 {top:g})">{_panel(panel)}</g>')
        top += HEAD + ROW * len(panel.bars) + FOOT
    if any(bar.doubt for panel in panels for bar in panel.bars):
        parts.append(f'<text class="axis" x="8" y="{top + 12:g}">{DOUBTFUL}</text>')
        top += FOOT
    told = "; ".join(
        f"{panel.title} ({panel.unit}): " + ", ".join(f"{bar.label} {bar.words}" for bar in panel.bars)
        for panel in panels
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:g}" width="{WIDTH}" height="{top:g}" '
        f'role="img" aria-labelledby="title description">\n'
        f'<title id="title">{escape(title)}</title>\n<desc id="description">{escape(told)}</desc>\n'
        f"<style>{STYLE}</style>\n"
        '<defs><pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line class="stripe" x1="1.5" x2="1.5" y2="6" stroke-width="3"/></pattern>'
        f"</defs>\n{chr(10).join(parts)}\n</svg>\n"
    )


def _panel(panel: Panel) -> str:
    low, high, ticks = _scale(panel)

    def at(value: float) -> float:
        if panel.logarithmic:
            return LABEL + BAR * (math.log10(max(value, low)) - math.log10(low)) / (math.log10(high) - math.log10(low))
        return LABEL + BAR * max(0.0, value) / high

    bottom = HEAD + ROW * len(panel.bars)
    lines = [f'<text class="title" x="8" y="26">{escape(panel.title)}, {escape(panel.unit)}</text>']
    for tick in ticks:
        lines.append(f'<line class="grid" x1="{at(tick):.1f}" x2="{at(tick):.1f}" y1="{HEAD - 6}" y2="{bottom}"/>')
        lines.append(
            f'<text class="axis" x="{at(tick):.1f}" y="{bottom + 14}" text-anchor="middle">{_tick(tick)}</text>'
        )
    for number, bar in enumerate(panel.bars):
        lines.append(_bar(bar, HEAD + ROW * number, at))
    return "\n".join(lines)


def _bar(bar: Bar, top: float, place: Callable[[float], float]) -> str:
    kind = "doubt" if bar.doubt else "other" if bar.other else "bar"
    middle = top + 9
    return (
        f'<text x="{LABEL - 10}" y="{top + 13:g}" text-anchor="end">{escape(bar.label)}</text>'
        f'<rect class="{kind}" x="{LABEL}" y="{top + 2:g}" width="{max(1.0, place(bar.value) - LABEL):.1f}" '
        'height="14" rx="2"/>'
        f'<line class="spread" x1="{place(bar.least):.1f}" x2="{place(bar.most):.1f}" y1="{middle:g}" y2="{middle:g}"/>'
        f'<text class="value" x="{place(max(bar.value, bar.most)) + 8:.1f}" y="{top + 13:g}">{escape(bar.words)}</text>'
    )


def _tick(value: float) -> str:
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value:,g}"


def _scale(panel: Panel) -> tuple[float, float, list[float]]:
    """(least, greatest, ticks) of a panel's axis."""
    top = max((bar.most for bar in panel.bars), default=1.0) or 1.0
    if panel.logarithmic:
        bottom = min((bar.least for bar in panel.bars if bar.least > 0), default=1.0)
        first, last = math.floor(math.log10(bottom)), math.ceil(math.log10(top))
        last = max(last, first + 1)
        return 10.0**first, 10.0**last, [10.0**power for power in range(first, last + 1)]
    step = 10 ** math.floor(math.log10(top / 2))
    step *= next(factor for factor in (1, 2, 5, 10) if top / (step * factor) <= 5)
    return 0.0, top, [step * number for number in range(int(top / step) + 1)]
