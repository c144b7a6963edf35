"""What is known about frameworks and how it is known: the pack's schema, its data, its lint, fusion and releases.

A pack is a folder of YAML files; a release is one immutable document built from it. This package never answers a
recommendation: it prepares what the core answers from.
"""
