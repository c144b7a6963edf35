"""Detection: what one machine has, found out without trusting it.

Standard library only, and written for Python 3.8, because exactly these files travel to other machines as one file (see
`probes.travelling`). Nothing of ours is imported but the types in `rules.hardware`. Nothing is opened at import, no
vendor library is ever loaded into this process, and no connection is made.
"""
