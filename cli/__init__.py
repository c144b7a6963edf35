"""The terminal edge: parses a command line, calls one use case, renders what it returns.

It knows the use cases in `advisor` and the types they speak in, and nothing of the rooms behind them: no SQL, no packs,
no rules of its own. `main` holds the exit codes, `commands` what can be typed, `actions` what is done, `render` how it
looks.
"""
