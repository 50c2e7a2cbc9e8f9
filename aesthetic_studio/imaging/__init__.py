"""Pixels and metadata of one file: what it is, what it shows, how well it is made."""
