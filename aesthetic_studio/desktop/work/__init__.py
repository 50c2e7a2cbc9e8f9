"""Threads: reading and writing the library, indexing, scoring."""
