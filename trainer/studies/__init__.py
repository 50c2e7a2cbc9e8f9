"""Studies: each asks one question of the methods, on real data or by a planted law, and answers with a table.

``study NAME`` prints a Markdown table and writes ``results.json`` and ``table.md`` into its folder; ``docs/studies.md``
holds what came of each, with the command that made it.
"""
