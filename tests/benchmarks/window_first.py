"""What is loaded when the first window is on the screen. Prints JSON."""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Open a new library in the real window, let it paint, and look at what was imported."""
    began = time.perf_counter()
    from aesthetic_studio.desktop.app import make_application
    from aesthetic_studio.desktop.window import MainWindow
    from aesthetic_studio.library.catalogue import Catalogue

    application = make_application()
    with Catalogue.open(Path(sys.argv[1])) as catalogue:
        window = MainWindow(catalogue, device="cpu")
        window.show()
        application.processEvents()
        seconds = time.perf_counter() - began
        torch = sum(name == "torch" or name.startswith("torch.") for name in sys.modules)
        window.close()
    print(json.dumps({"torch": torch, "seconds": seconds}))


if __name__ == "__main__":
    main()
