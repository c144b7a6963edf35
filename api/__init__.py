"""The HTTP edge: parses a request, calls one use case, renders what it returns.

It knows the use cases in `advisor` and the types they speak in, and nothing of the rooms behind them: no SQL, no
packs, no rules of its own. Every error leaves as one shape, `application/problem+json` (see `problems`).
"""
