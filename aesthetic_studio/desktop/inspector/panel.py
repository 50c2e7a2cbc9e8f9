"""The inspector: all that is known of the current photo, said in words as well as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from aesthetic_studio.desktop.commands.key_tips import key_tip
from aesthetic_studio.desktop.inspector.faces import FaceRow
from aesthetic_studio.desktop.inspector.parts import DistributionPlot, Picture, Rows, Section, breakable, text_label
from aesthetic_studio.desktop.inspector.relative import SUB_SCORES, places_in
from aesthetic_studio.desktop.toolkit import words
from aesthetic_studio.desktop.toolkit.controls import icon_button
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, Label, Measurements, PhotoRecord, PhotoState
from aesthetic_studio.translation import N_, Texts, _, decimal, percent, retold

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from aesthetic_studio.desktop.work.reader import Details

MEASUREMENTS: dict[str, tuple[str, float, float, str]] = {
    N_("Sharpness"): ("sharpness", 0.0, 1.0, N_("Of the subject: the region that is meant to be sharp")),
    N_("Motion blur"): ("motion_blur", 0.0, 1.0, N_("Edges missing along one direction")),
    N_("Noise"): ("noise", 0.0, 0.05, N_("Standard deviation in flat regions, of full scale")),
    N_("Exposure"): ("exposure_ev", -3.0, 3.0, N_("Mean brightness against middle grey")),
    N_("Burnt out"): ("clipped_highlights", 0.0, 0.2, N_("Share of pixels with a channel at its end")),
    N_("Black"): ("clipped_shadows", 0.0, 0.2, N_("Share of pixels without light")),
    N_("Contrast"): ("contrast", 0.0, 0.4, N_("Standard deviation of brightness, of full scale")),
    N_("Colourfulness"): (
        "colourfulness",
        0.0,
        1.0,
        N_("Hasler and Süsstrunk's measure; 100 % is extremely colourful"),
    ),
    N_("Tilt"): ("tilt_degrees", -15.0, 15.0, N_("By how much the horizon leans; plus is clockwise")),
}
"""Row: field, ends of its bar, what it means."""

EXIF_ROWS = [
    N_("Taken"),
    N_("Camera"),
    N_("Lens"),
    N_("Focal length"),
    N_("Aperture"),
    N_("Shutter"),
    N_("ISO"),
    N_("Exposure bias"),
    N_("Place"),
]
WORD_ROWS = [N_("Caption"), N_("Keywords")]
FILE_ROWS = [N_("Format"), N_("Dimensions"), N_("Size"), N_("With"), N_("Identical to"), N_("Note")]
MISSING_NOTES = Texts(
    {
        PhotoState.MISSING: N_("The file is not where it was. Stars and score are kept and come back with it."),
        PhotoState.OFFLINE: N_("Its folder cannot be reached now, as on a drive that is not plugged in."),
    }
)


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
        self.setAccessibleName(_("Inspector"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._name, self._folder = text_label(_("Name"), "name"), text_label(_("Folder"), "small")
        self._verdict = text_label(_("Your verdict"))
        self._score, self._standing = QLabel(), text_label(_("How it stands"))
        self._score.setProperty("role", "score")
        self._percentile = text_label(_("Among the others"), "small")
        self._plot = DistributionPlot()
        self._reasons = text_label(_("Reasons"))
        self._heat_button = self._make_heat_button()
        self._heat_picture = Picture(_("Heat map of where the model looks"))
        self._heat_note = text_label(_("About the heat map"), "small")
        self.faces = FaceRow()
        self.faces.chosen.connect(self.face_chosen)
        self._burst = Rows(list(SUB_SCORES), bars=True)
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
            self._name.setText(_("No photo chosen"))
            return
        record = details.record
        self._name.setText(breakable(shown(record.name)))
        self._folder.setText(breakable(shown(record.folder)))
        self._verdict.setText(verdict_in_words(record))
        self._show_score(details)
        self._show_reasons(record)
        self._sections["Faces"].setVisible(self.faces.show_faces(record.faces, details.faces))
        self._show_burst(details)
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
            self._score.setAccessibleName(_("Not scored yet"))
            self._percentile.setText("")
            self._standing.setText(_("Cannot be scored") if unscorable else _("Not scored yet"))
            return
        distribution = score.distribution
        self._score.setText(decimal(distribution.mean))
        self._score.setAccessibleName(_("Score {mean} of 10").format(mean=decimal(distribution.mean)))
        self._score.setToolTip(_("By {model} {version}").format(model=score.model, version=score.version))
        self._standing.setText(
            words.spread_in_words(distribution.spread, self._usual_spread)
            + "\n"
            + _("Spread {spread}").format(spread=decimal(distribution.spread))
        )
        self._standings(details)

    def _standings(self, details: Details) -> None:
        """Say which share it is ahead of: of all photos, of the chosen folders, of its shoot, of varied ones."""
        is_narrower = details.ahead_of != details.in_library
        lines = [
            standing_in_words(details.in_library, _("this library")),
            standing_in_words(details.ahead_of) if is_narrower else "",
            standing_in_words(details.in_shoot, _("this shoot of {count}").format(count=details.shoot_size)),
            reference_in_words(details.standing),
        ]
        self._percentile.setText("\n".join(line for line in lines if line))

    def _show_reasons(self, record: PhotoRecord) -> None:
        lines = [f"• {shown(reason)}" for reason in words.reasons_of(record)]
        if record.series_kind is not None and record.series_size > 1:
            lines.insert(0, words.series_of(record.series_kind, record.series_size, record.series_rank))
        self._reasons.setText("\n".join(lines))
        self._sections["Reasons"].setVisible(bool(lines))

    def _show_burst(self, details: Details) -> None:
        """Show where the frame lies among those of its burst."""
        places = places_in(details.record, details.frames)
        self._sections["Beside its burst"].setVisible(bool(places))
        for name, place in places.items():
            self._burst.show_value(name, place.words)
            self._burst.bars[name].show_place(place.share)

    def _show_technical(self, measured: Measurements | None) -> None:
        self._sections["Technical"].setVisible(measured is not None)
        if measured is None:
            return
        for name, (field, lowest, highest, _meaning) in MEASUREMENTS.items():
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
        stored = [retold("problem", text) for text in (*record.warnings, record.problem or "")]
        notes = [*stored, MISSING_NOTES.get(record.state, "")]
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
        button = icon_button("heat-map", _("Heat map: where the model looks"), flat=False)
        button.setText(_("Where the model looks"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        key_tip(button, _("Show where the model looks, over the photo [view.heat_map]"))
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
        score = self._section(N_("Score"), layout)
        score.body.addLayout(big)
        score.body.addWidget(self._plot)
        score.body.addWidget(self._percentile)
        score.body.addWidget(self._heat_button)
        score.body.addWidget(self._heat_picture)
        score.body.addWidget(self._heat_note)
        self._section(N_("Reasons"), layout).body.addWidget(self._reasons)
        self._section(N_("Faces"), layout).body.addWidget(self.faces)
        self._section(N_("Beside its burst"), layout).body.addWidget(self._burst)
        self._section(N_("Technical"), layout).body.addWidget(self._technical)
        self._section(N_("Words"), layout).body.addWidget(self._words)
        self._section(N_("Camera"), layout).body.addWidget(self._exif)
        self._section(N_("File"), layout).body.addWidget(self._file)
        for name in SUB_SCORES:
            for widget in (self._burst.values[name], self._burst.bars[name]):
                widget.setToolTip(_("From the lowest frame of this burst to the highest"))
        for name, row in MEASUREMENTS.items():
            self._technical.values[name].setToolTip(_(row[-1]))
            self._technical.bars[name].setToolTip(_(row[-1]))
        layout.addStretch(1)
        self.setWidget(page)
        self.show_heat_map(None)

    def _section(self, name: str, layout: QVBoxLayout) -> Section:
        section = self._sections[name] = Section(_(name))
        layout.addWidget(section)
        return section


def standing_in_words(ahead_of: float | None, others: str = "") -> str:
    """Say where a score stands among others, these photos where no others are named; empty where it stands alone."""
    others = others or _("these photos")
    if ahead_of is None:
        return ""
    if ahead_of >= 0.9995:
        return _("The best of {others}").format(others=others)
    if ahead_of <= 0.0005:
        return _("The last of {others}").format(others=others)
    return _("Better than {share} of {others}").format(share=percent(min(ahead_of, 0.99)), others=others)


def reference_in_words(standing: float | None) -> str:
    """Say where a score stands among varied photos of all kinds; empty where its model does not know."""
    if standing is None:
        return ""
    if standing < 1.0:
        return _("Among the last of varied photos")
    return _("Better than {share} of varied photos").format(share=percent(min(int(standing), 99) / 100))


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
        return _("level") if abs(value) < 0.25 else decimal(value, sign="+").replace("-", "−") + "°"
    return decimal(value * 100, 1 if value < 0.1 else 0) + " %"
