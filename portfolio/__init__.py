"""Projects by the million: files of them in, the same rules over columns, results and answers for a board out.

Knows files, blocks of rows and processes; refuses to know databases, HTTP and where a release comes from.
"""
