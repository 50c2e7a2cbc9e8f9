"""``python -m aesthetic_studio``: the command line, where no script was installed."""

from __future__ import annotations

import sys

from aesthetic_studio.cli import main

if __name__ == "__main__":
    sys.exit(main())
