"""What the command line offers: parsers and their options.

torch is imported where a command runs, not where it is named, so that ``--help`` answers at once.
"""
