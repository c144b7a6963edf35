"""What an architecture board asks of a portfolio: who should move, what is at risk, which few frameworks
serve them all.

Knows scores, sheets and releases; refuses to know where they are kept and who asks.
"""
