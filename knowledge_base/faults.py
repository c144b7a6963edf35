"""What can go wrong outside while knowledge is gathered, for edges to name. Bad input is for `rules.faults`."""


class IndexUnreachable(Exception):
    """The package index gives no usable answer to anything; the message names it without credentials."""
