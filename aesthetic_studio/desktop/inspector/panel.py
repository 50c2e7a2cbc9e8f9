"""The inspector: all that is known of the current photo, said in words as well as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from aesthetic_studio.desktop.commands.key_tips import key_tip
from aesthetic_studio.desktop.inspector.faces import FaceRow
from aesthetic_studio.desktop.inspector.parts import DistributionPlot, Picture, Rows, Section, breakable, text_label
from aesthetic_studio.desktop.toolkit import words
from aesthetic_studio.desktop.toolkit.controls import icon_button
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, Label, Measurements, PhotoRecord, PhotoState

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from aesthetic_studio.desktop.work.reader import Details

MEASUREMENTS: dict[str, tuple[str, float, float, str]] = {
    "Sharpness": ("sharpness", 0.0, 1.0, "Of the subject: the region that is meant to be sharp"),
    "Motion blur": ("motion_blur", 0.0, 1.0, "Edges missing along one direction"),
    "Noise": ("noise", 0.0, 0.05, "Standard deviation in flat regions, of full scale"),
    "Exposure": ("exposure_ev", -3.0, 3.0, "Mean brightness against middle grey"),
    "Burnt out": ("clipped_highlights", 0.0, 0.2, "Share of pixels with a channel at its end"),
    "Black": ("clipped_shadows", 0.0, 0.2, "Share of pixels without light"),
    "Contrast": ("contrast", 0.0, 0.4, "Standard deviation of brightness, of full scale"),
    "Colourfulness": ("colourfulness", 0.0, 1.0, "Hasler and Süsstrunk's measure; 100 % is extremely colourful"),
    "Tilt": ("tilt_degrees", -15.0, 15.0, "By how much the horizon leans; plus is clockwise"),
}
"""Row: field, ends of its bar, what it means."""

EXIF_ROWS = ["Taken", "Camera", "Lens", "Focal length", "Aperture", "Shutter", "ISO", "Exposure bias", "Place"]
WORD_ROWS = ["Caption", "Keywords"]
FILE_ROWS = ["Format", "Dimensions", "Size", "With", "Identical to", "Note"]
MISSING_NOTES = {
    PhotoState.MISSING: "The file is not where it was. Stars and score are kept and come back with it.",
    PhotoState.OFFLINE: "Its folder cannot be reached now, as on a drive that is not plugged in.",
}


class Inspector(QScrollArea):
    """Shows one photo's ``Details``.

    Signals:
        heat_map_toggled: Whether the heat map is wanted.
        face_chosen: The place of a face that is to be looked at.
    """

    heat_map_toggled = Signal(bool)
    face_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setAccessibleName("Inspector")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._name, self._folder = text_label("Name", "name"), text_label("Folder", "small")
        self._verdict = text_label("Your verdict")
        self._score, self._standing = QLabel(), text_label("How it stands")
        self._score.setProperty("role", "score")
        self._percentile = text_label("Among the others", "small")
        self._plot = DistributionPlot()
        self._reasons = text_label("Reasons")
        self._heat_button = self._make_heat_button()
        self._heat_picture = Picture("Heat map of where the model looks")
        self._heat_note = text_label("About the heat map", "small")
        self.faces = FaceRow()
        self.faces.chosen.connect(self.face_chosen)
        self._technical = Rows(list(MEASUREMENTS), bars=True)
        self._words, self._exif, self._file = Rows(WORD_ROWS), Rows(EXIF_ROWS), Rows(FILE_ROWS)
        self._sections: dict[str, Section] = {}
        self._usual_spread: tuple[float, float] | None = None
        self._arrange()
        self.show_details(None)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for a measurement with its bar."""
        return QSize(290, 600)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def set_usual_spread(self, usual: tuple[float, float] | None) -> None:
        """Judge spreads beside these quartiles from now on."""
        self._usual_spread = usual

    def show_details(self, details: Details | None) -> None:
        """Show a photo, or the invitation to choose one."""
        for section in self._sections.values():
            section.setVisible(details is not None)
        self._folder.setVisible(details is not None)
        self._verdict.setVisible(details is not None)
        if details is None:
            self._name.setText("No photo chosen")
            return
        record = details.record
        self._name.setText(breakable(shown(record.name)))
        self._folder.setText(breakable(shown(record.folder)))
        self._verdict.setText(verdict_in_words(record))
        self._show_score(details)
        self._show_reasons(record)
        self._sections["Faces"].setVisible(self.faces.show_faces(record.faces, details.faces))
        self._show_technical(record.measurements)
        self._show_words(record)
        self._show_exif(record)
        self._show_file(details)

    def show_heat_map(self, image: QImage | None, note: str = "") -> None:
        """Show the photo with the heat map over it, or say why there is none."""
        self._heat_picture.show_image(image)
        self._heat_note.setText(note)
        self._heat_note.setVisible(bool(note))

    def set_heat_map_on(self, *, on: bool) -> None:
        """Bring the button in line with the command."""
        self._heat_button.setChecked(on)

    # -- parts -------------------------------------------------------------------------------------------------------

    def _show_score(self, details: Details) -> None:
        score = details.record.score
        self._plot.show_distribution(score.distribution if score else None)
        self._score.setVisible(score is not None)
        if score is None:
            unscorable = details.record.state is PhotoState.UNREADABLE
            self._score.setText(words.UNKNOWN)
            self._score.setAccessibleName("Not scored yet")
            self._percentile.setText("")
            self._standing.setText("Cannot be scored" if unscorable else "Not scored yet")
            return
        distribution = score.distribution
        self._score.setText(f"{distribution.mean:.1f}")
        self._score.setAccessibleName(f"Score {distribution.mean:.1f} of 10")
        self._score.setToolTip(f"By {score.model} {score.version}")
        self._standing.setText(
            f"{words.spread_in_words(distribution.spread, self._usual_spread)}\nSpread {distribution.spread:.1f}"
        )
        lines = [standing_in_words(details.ahead_of), reference_in_words(details.standing)]
        self._percentile.setText("\n".join(line for line in lines if line))

    def _show_reasons(self, record: PhotoRecord) -> None:
        lines = [f"• {shown(reason)}" for reason in record.reasons]
        if record.series_kind is not None and record.series_size > 1:
            place = f", place {record.series_rank}" if record.series_rank else ""
            lines.insert(0, f"{words.SERIES_NAMES[record.series_kind]} of {record.series_size}{place}")
        self._reasons.setText("\n".join(lines))
        self._sections["Reasons"].setVisible(bool(lines))

    def _show_technical(self, measured: Measurements | None) -> None:
        self._sections["Technical"].setVisible(measured is not None)
        if measured is None:
            return
        for name, (field, lowest, highest, _) in MEASUREMENTS.items():
            value = getattr(measured, field)
            self._technical.show_value(name, measurement_in_words(field, value))
            self._technical.bars[name].show_value(value, lowest, highest)

    def _show_words(self, record: PhotoRecord) -> None:
        """Show what was written about the photo, which a filter finds and a model may read."""
        said = record.metadata.words
        self._words.show_value("Caption", shown(said.caption or ""))
        self._words.show_value("Keywords", shown(", ".join(said.keywords)))
        self._sections["Words"].setVisible(bool(said))

    def _show_exif(self, record: PhotoRecord) -> None:
        data = record.metadata
        values = {
            "Taken": words.capture_time(data.taken).replace(", ", "\n").replace(" (", "\n("),
            "Camera": shown(data.camera or ""),
            "Lens": shown(data.lens or ""),
            "Focal length": words.focal_length(data.focal_length_mm),
            "Aperture": words.aperture(data.aperture),
            "Shutter": words.shutter(data.shutter_s),
            "ISO": words.iso(data.iso).removeprefix("ISO "),
            "Exposure bias": words.exposure_bias(data.exposure_bias_ev),
            "Place": words.place(data),
        }
        for name, value in values.items():
            self._exif.show_value(name, "" if value == words.UNKNOWN else value)
        self._sections["Camera"].setVisible(any(value not in ("", words.UNKNOWN) for value in values.values()))

    def _show_file(self, details: Details) -> None:
        record = details.record
        notes = [*record.warnings, record.problem or "", MISSING_NOTES.get(record.state, "")]
        values = {
            "Format": record.format,
            "Dimensions": words.dimensions(record.width, record.height),
            "Size": words.file_size(record.size),
            "With": shown(", ".join(record.companions)),
            "Identical to": "\n".join(shown(twin.path) for twin in details.twins),
            "Note": "\n".join(shown(note) for note in notes if note),
        }
        for name, value in values.items():
            self._file.show_value(name, "" if value == words.UNKNOWN else value)

    # -- how it is made ----------------------------------------------------------------------------------------------

    def _make_heat_button(self) -> QToolButton:
        button = icon_button("heat-map", "Heat map: where the model looks", flat=False)
        button.setText("Where the model looks")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        key_tip(button, "Show where the model looks, over the photo [view.heat_map]")
        button.toggled.connect(self.heat_map_toggled)
        return button

    def _arrange(self) -> None:
        page = QWidget()
        page.setObjectName("sidePanel")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(14, 12, 14, 14)
        layout.setSpacing(10)
        for label in (self._name, self._folder, self._verdict):
            layout.addWidget(label)
        big = QHBoxLayout()
        big.setSpacing(12)
        big.addWidget(self._score, 0, Qt.AlignmentFlag.AlignVCenter)
        big.addWidget(self._standing, 1)
        score = self._section("Score", layout)
        score.body.addLayout(big)
        score.body.addWidget(self._plot)
        score.body.addWidget(self._percentile)
        score.body.addWidget(self._heat_button)
        score.body.addWidget(self._heat_picture)
        score.body.addWidget(self._heat_note)
        self._section("Reasons", layout).body.addWidget(self._reasons)
        self._section("Faces", layout).body.addWidget(self.faces)
        self._section("Technical", layout).body.addWidget(self._technical)
        self._section("Words", layout).body.addWidget(self._words)
        self._section("Camera", layout).body.addWidget(self._exif)
        self._section("File", layout).body.addWidget(self._file)
        for name, (_, _, _, meaning) in MEASUREMENTS.items():
            self._technical.values[name].setToolTip(meaning)
            self._technical.bars[name].setToolTip(meaning)
        layout.addStretch(1)
        self.setWidget(page)
        self.show_heat_map(None)

    def _section(self, name: str, layout: QVBoxLayout) -> Section:
        section = self._sections[name] = Section(name)
        layout.addWidget(section)
        return section


def standing_in_words(ahead_of: float | None) -> str:
    """Say where a score stands among the others; empty where it stands alone."""
    if ahead_of is None:
        return ""
    if ahead_of >= 0.9995:
        return "The best of these photos"
    if ahead_of <= 0.0005:
        return "The last of these photos"
    return f"Better than {ahead_of:.0%} of these photos"


def reference_in_words(standing: float | None) -> str:
    """Say where a score stands among varied photos of all kinds; empty where its model does not know."""
    if standing is None:
        return ""
    if standing < 1.0:
        return "Among the last of varied photos"
    return f"Better than {min(int(standing), 99)}% of varied photos"


def verdict_in_words(record: PhotoRecord) -> str:
    """Say stars, flag and label in one line."""
    verdict = record.verdict
    flag = "" if verdict.flag is Flag.NONE else words.FLAG_NAMES[verdict.flag]
    label = "" if verdict.label is Label.NONE else words.label_name(verdict.label)
    return words.joined([words.stars(verdict.rating), flag, label])


def measurement_in_words(field: str, value: float) -> str:
    """Say one measurement with its unit."""
    if field == "exposure_ev":
        return words.exposure_bias(value)
    if field == "tilt_degrees":
        return "level" if abs(value) < 0.25 else f"{value:+.1f}°".replace("-", "−")
    percent = value * 100
    return f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"
