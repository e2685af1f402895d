"""The counting behind the weekly report, in SQL that SQLite and PostgreSQL answer alike, a file a subject.

What the numbers mean, and when there are too few of them, is decided in bot/metrics.
"""
