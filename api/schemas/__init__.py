"""The shapes of what goes in and what comes out; out-models have no defaults.

They describe. Documents are given as they were recorded or released, and are not checked again on their way out: tests
check them against these models, strictly.
"""
