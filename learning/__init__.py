"""What is learned from answers and outcomes rather than curated; the only importer of scikit-learn.

Learned things are rules of thumb and proposals beside the engine, never parts of an answer.
"""
