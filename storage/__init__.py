"""Tables, queries and sessions for SQLite and PostgreSQL. Database errors are translated at this border.

It keeps and finds; it decides nothing. Inner functions never commit: `Database.reading` and `Database.writing` do.
"""
