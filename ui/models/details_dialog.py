"""All that is known of a model on this computer, as its file and our records say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPlainTextEdit, QScrollArea, QWidget

from assistant.i18n import _, language
from ui.models.words import history_words, licence_words, parameter_words
from ui.theme.fonts import code_font
from ui.widgets.button import Button
from ui.widgets.dialog import Dialog
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import plain_label
from ui.widgets.words import error_words, size_words

if TYPE_CHECKING:
    from assistant.errors import AssistantError
    from assistant.models.header import Header
    from ui.models.source import Installed
    from ui.theme.theme import Theme

_WIDTH, _HEIGHT = 640, 720
_MOST_ROWS = 100
_TEMPLATE_HEIGHT = 180


class DetailsDialog(Dialog):
    """What we know stands there at once; what only the file can say follows by ``show_header``."""

    def __init__(self, theme: Theme, parent: QWidget | None, installed: Installed) -> None:
        super().__init__(theme, parent, _("Details of {model}").format(model=installed.model.name))
        self._installed = installed
        self._row = 0
        self.values: dict[str, QLabel] = {}
        self.copy_buttons: dict[str, IconButton] = {}
        self.note = plain_label(_("Reading the file …"), "muted")
        self.template = QPlainTextEdit()
        self._template_name = plain_label(_("Chat template"), "strong")
        self._grid = QGridLayout()
        self._lay_out()
        self._show_known()

    def show_header(self, header: Header) -> None:
        """Show what the file says of itself."""
        number = QLocale(language()).toString
        self.note.hide()
        self._add("architecture", _("Architecture"), header.architecture)
        self._add("layers", _("Layers"), str(header.layers) if header.layers else "")
        self._add("experts", _("Experts"), _experts(header))
        self._add("vocabulary", _("Vocabulary"), number(header.vocabulary) if header.vocabulary else "")
        self._add("tokenizer", _("Tokenizer"), header.tokenizer)
        self._add("parts", _("Files"), str(header.shards) if header.shards > 1 else "")
        has_template = header.has_template
        self._template_name.setVisible(has_template)
        self.template.setVisible(has_template)
        self.template.setPlainText(header.chat_template)
        if not has_template:
            self._add("template", _("Chat template"), _("none: it continues text, and was not taught to converse"))

    def show_error(self, error: AssistantError) -> None:
        """Say why the file cannot be read."""
        self.note.setText(error_words(error))

    def _show_known(self) -> None:
        model = self._installed.model
        context = _("{count} tokens").format(count=QLocale(language()).toString(model.context_length))
        self._add("name", _("Name"), model.name)
        self._add("about", "", model.description)
        self._add("size", _("Size"), size_words(model.size_bytes))
        self._add("parameters", _("Parameters"), parameter_words(model.parameters))
        self._add("quantization", _("Quantization"), model.quantization)
        self._add("context", _("Context length"), context if model.context_length else "")
        self._add("licence", _("Licence"), licence_words(model.licence))
        self._add("history", _("History"), history_words(model))
        self._add("repository", _("Came from"), model.repository)
        self._add("owner", _("Belongs to"), model.owner.words)
        self._add_exact("path", _("File"), str(model.path))
        for number, path in enumerate(model.also_at):
            self._add_exact(f"copy {number}", _("Also at"), str(path))
        self._add_exact("projector", _("Reads pictures with"), str(model.projector or ""))
        self._add_exact("sha256", _("Checksum (SHA-256)"), model.sha256, role="code")

    def _add(self, key: str, name: str, value: str) -> None:
        """Add a line; nothing for what is not known."""
        if value:
            label = self.values[key] = plain_label(value, "")
            label.setAccessibleName(f"{name}: {value}")
            self._add_line(name, label)

    def _add_exact(self, key: str, name: str, value: str, *, role: str = "") -> None:
        """Add a line of letters that matter, to be copied; nothing for what is not known."""
        if not value:
            return
        label = self.values[key] = ElidedLabel(value, Qt.TextElideMode.ElideMiddle)
        label.setProperty("role", role)
        label.setAccessibleName(f"{name}: {value}")
        copy = IconButton(self._theme, "copy", _("Copy"), size=14, side=24)
        copy.setAccessibleName(_("Copy: {what}").format(what=name))
        copy.clicked.connect(partial(QGuiApplication.clipboard().setText, value))
        self.copy_buttons[key] = copy
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px("xs"))
        row.addWidget(label, 1)
        row.addWidget(copy)
        self._add_line(name, line)

    def _add_line(self, name: str, value: QWidget) -> None:
        self._grid.addWidget(plain_label(name, "muted"), self._row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, self._row, 1)
        self._row += 1

    def _lay_out(self) -> None:
        theme = self._theme
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._grid.setHorizontalSpacing(theme.px("l"))
        self._grid.setVerticalSpacing(theme.px("s"))
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, 130)
        self._grid.setContentsMargins(0, 0, theme.px("s"), 0)
        self._grid.setRowStretch(_MOST_ROWS, 1)
        inside.setLayout(self._grid)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inside)
        self.template.setReadOnly(True)
        self.template.setProperty("role", "code")
        self.template.setFont(code_font(theme.type_px("small")))
        self.template.setAccessibleName(_("Chat template"))
        self.template.setFixedHeight(_TEMPLATE_HEIGHT)
        self._template_name.hide()
        self.template.hide()
        for part in (area, self.note, self._template_name, self.template):
            self.body.addWidget(part)
        self.body.setStretchFactor(area, 1)
        close = Button(theme, _("Close"), kind="primary")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        self.foot.addStretch(1)
        self.foot.addWidget(close)
        self.resize(_WIDTH, _HEIGHT)


def _experts(header: Header) -> str:
    if not header.experts:
        return ""
    return _("{used} of {total} at a time").format(used=header.experts_used, total=header.experts)
