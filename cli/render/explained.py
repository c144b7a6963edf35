"""An explanation at one of its depths: a sentence for each role, the page in Markdown, or the trace."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from advisor.house import Knowledge
from advisor.names import Wording
from cli.render import trace
from cli.render.screen import line, paragraph

Document = Mapping[str, Any]


def show(to: Console, found: Document, known: Knowledge) -> None:
    """Print an explanation; where nobody sees it laid out, the page is the Markdown that it is made of."""
    if found["depth"] == "line":
        for index, sentence in enumerate(found["roles"].values()):
            if index:
                to.print()
            paragraph(to, sentence)
    elif found["depth"] == "trace":
        trace.show(to, found, Wording(known))
    elif to.is_terminal:
        to.print(Markdown("\n".join(line(each).plain for each in found["markdown"].splitlines()), hyperlinks=False))
    else:
        for each in found["markdown"].splitlines():
            to.print(line(each), soft_wrap=True)
