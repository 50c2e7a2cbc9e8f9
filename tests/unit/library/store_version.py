"""Store a library of the present version for the tests of the versions to come.

Run ``python tests/unit/library/store_version.py`` before a new migration is added, and commit the file.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from conftest import make_distribution, make_facts  # noqa: E402

from aesthetic_studio.albums import PhotoFilter, PhotoQuery, SortKey  # noqa: E402
from aesthetic_studio.faces import Face  # noqa: E402
from aesthetic_studio.groupings import Part, Statement  # noqa: E402
from aesthetic_studio.judgements import PairScore  # noqa: E402
from aesthetic_studio.library import migrations  # noqa: E402
from aesthetic_studio.library.catalogue import Catalogue  # noqa: E402
from aesthetic_studio.records import (  # noqa: E402
    Frame,
    PhotoFile,
    Series,
    SeriesKind,
    UnreadableFile,
    VerdictChange,
    Words,
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.sqlite"
        with Catalogue.open(path) as catalogue:
            catalogue.add_root("/photos")
            words = {"caption": "A boat at dawn", "keywords": ("sea", "boats")}
            facts = make_facts(b"rated", make="Google", model="Pixel 8", **words)
            rated = catalogue.store_facts(PhotoFile("/photos", "rated.jpg", 10, 20, ("rated.dng",)), facts)
            other = catalogue.store_facts(PhotoFile("/photos", "other.jpg", 11, 21), make_facts(b"other"))
            odd = PhotoFile("/photos", "odd\udcff.jpg", 12, 22)
            catalogue.store_unreadable(odd, UnreadableFile(str(odd.path), "it is damaged", "Restore it."))
            content = catalogue.photo(rated).content_id
            catalogue.store_scores("embedded", "1", [(content, make_distribution(6.5))])
            frames = (Frame(rated, 1, True, ("sharpest of 2",)), Frame(other, 2, False, ()))
            catalogue.replace_series("/photos", [Series(SeriesKind.BURST, frames)])
            catalogue.choose_best(catalogue.photo(other).series_id or 0, other)
            catalogue.store_words(other, None, "other.xmp/1/2", Words(None, ("mist",)))
            catalogue.store_faces("1", [(content, [Face(0.25, 0.125, 0.5, 0.25, 0.875, 0.0625, 0.75, None)])])
            catalogue.store_pair_scores("pairs", "1", [PairScore(content, content + 1, 0.7, 0.3)])
            catalogue.group_by_hand(Statement((Part(SeriesKind.BURST, (content, content + 1)),)), "grouping two photos")
            catalogue.decide([rated], VerdictChange(rating=4), "Rate 4")
            catalogue.albums.save("Rated", PhotoQuery(PhotoFilter(rating=4), SortKey.TIME, descending=False))
        connection = sqlite3.connect(path)
        lines = [*connection.iterdump()]
        connection.close()
    version = migrations.newest_version()
    lines.append(f"PRAGMA application_id = {migrations.APPLICATION_ID};")
    lines.append(f"PRAGMA user_version = {version};")
    target = HERE / "past_versions" / f"version-{version}.sql"
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
