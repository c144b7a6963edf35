"""The use cases, once: recommend, replay, publish, look things up, score a file of projects.

Every edge (HTTP, terminal, pages) calls these functions and renders what they return. `bootstrap.build` is
the only place that constructs real things.
"""
