"""Measuring frameworks on this machine: the same small models, in an environment of their own each, in fresh processes.

It installs and runs what a caller has consented to, from pip's configured index, and knows no host. It knows nothing of
criteria, grades or proposals: what a number means for a recommendation is said elsewhere (docs/decisions/0026).
"""
