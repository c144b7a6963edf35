"""Logs that tell no secret: the ids of portfolios, drafts and projects open them, so a log holds their beginnings only.

Whoever reads a log, or a copy of it, can tell one from another, and open none.
"""

import logging
import re

KEPT = 6  # characters of the random part, of 32
_SECRET = re.compile(
    rf"((?:pf?-|held-|(?<![0-9A-Za-z]))[0-9a-f]{{{KEPT}}})[0-9a-f]{{{32 - KEPT}}}(?![0-9A-Za-z])"
    r"|(\bcursor=)[^&\s]+"  # of a list: it names the last one shown
)
LOGS = ("steelyard.portfolios", "uvicorn.access", "uvicorn.error")


def brief(text: str) -> str:
    """A text with the end of every secret id in it left out."""
    return _SECRET.sub(lambda found: f"{found[1] or found[2]}...", text)


class Discreet(logging.Filter):
    """Lets every record through, without the secrets that are in its message, its values or its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Make a record discreet; always True."""
        record.msg = brief(str(record.msg))
        if isinstance(record.args, tuple):  # what uvicorn formats by place stays in its place
            record.args = tuple(each if isinstance(each, int | float) else brief(str(each)) for each in record.args)
        if record.exc_info and not record.exc_text:  # a formatter takes what is there already
            record.exc_text = brief(logging.Formatter().formatException(record.exc_info))
        return True


def install() -> None:
    """Have the logs of the service and its workers be discreet; once is enough, and more changes nothing."""
    for name in LOGS:
        log = logging.getLogger(name)
        if not any(isinstance(each, Discreet) for each in log.filters):
            log.addFilter(Discreet())
