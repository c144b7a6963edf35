"""The core: requirements, conditions, gates, scoring, confidence, explanation and stacks.

It takes frozen values and returns frozen values. It knows nothing of clocks, files, networks, SQL or HTTP,
and imports nothing of ours: everything it needs is handed to it.
"""
