"""What packages on file say of themselves, read from a package index and judged: facts, traps, a proposed change.

Everything here is pure but for an `Index` that callers bring: no network, no files, no clock.
"""
