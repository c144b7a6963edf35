"""What can go wrong with a run, but for files that cannot be used. Light, so that edges can know it."""


class Stopped(Exception):
    """Whoever asked for the work wants it no longer."""


class Damaged(Exception):
    """A run cannot be gone on with: its folder or its sources are not what its specification says."""
