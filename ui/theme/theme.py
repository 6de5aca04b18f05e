"""The look in use: light or dark, by the system or as chosen, and how large text to read is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from ui.theme.fonts import interface_font, load_fonts
from ui.theme.stylesheet import make_palette, render_stylesheet
from ui.theme.tokens import load_tokens

if TYPE_CHECKING:
    from PySide6.QtGui import QColor
    from PySide6.QtWidgets import QApplication

    from ui.theme.tokens import Tokens

MODES = ("system", "light", "dark")
TEXT_SIZES = (12, 24)
"""The smallest and the largest reading text, in pixels."""


class Theme(QObject):
    """One for the application; widgets take it when made and read it again on ``changed``.

    Signals: ``changed()`` when colours or the size of reading text are different, after the style sheet was applied.
    """

    changed = Signal()

    def __init__(self, mode: str = "system", text_size: int = 0) -> None:
        """``mode`` is one of ``MODES``, anything else means system; a ``text_size`` of 0 is the design's own."""
        super().__init__()
        self._schemes = load_tokens()
        self._mode = mode if mode in MODES else "system"
        self._text_size = _clamped(text_size or self._schemes.light.type_px("read"))
        self._app: QApplication | None = None
        self._sheet = ""
        self._is_dark = self._wants_dark()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    # --- what it is -------------------------------------------------------------------------------------------------

    @property
    def mode(self) -> str:
        """The choice: system, light or dark."""
        return self._mode

    @property
    def is_dark(self) -> bool:
        """Whether the dark scheme is in use."""
        return self._is_dark

    @property
    def tokens(self) -> Tokens:
        """The tokens of the scheme in use."""
        return self._schemes.dark if self._is_dark else self._schemes.light

    @property
    def text_size(self) -> int:
        """Pixel size of text to read and to write: answers, questions, the composer."""
        return self._text_size

    def color(self, name: str) -> QColor:
        """Return a colour of the scheme in use; see ``Tokens.color``."""
        return self.tokens.color(name)

    def hex(self, name: str) -> str:
        """Return a colour of the scheme in use as ``#RRGGBB``."""
        return self.tokens.hex(name)

    def syntax(self, name: str) -> QColor:
        """Return the colour of a kind of code token."""
        return self.tokens.syntax(name)

    def px(self, name: str) -> int:
        """Return a distance of the spacing scale."""
        return self.tokens.px(name)

    def radius(self, name: str) -> int:
        """Return a corner radius."""
        return self.tokens.radius(name)

    def type_px(self, name: str) -> int:
        """Return the pixel size of a type step."""
        return self.tokens.type_px(name)

    def size(self, name: str) -> int:
        """Return the size of a part."""
        return self.tokens.size(name)

    # --- changing it ------------------------------------------------------------------------------------------------

    def set_mode(self, mode: str) -> None:
        """Follow the system, or stay light or dark."""
        self._mode = mode if mode in MODES else "system"
        if self._app is not None:
            self._tell_system()
        self._take_scheme()

    def set_text_size(self, size_px: int) -> None:
        """Set the size of reading text, within ``TEXT_SIZES``."""
        size_px = _clamped(size_px)
        if size_px != self._text_size:
            self._text_size = size_px
            self._refresh()

    def apply(self, app: QApplication) -> None:
        """Give the application this look, now and at every change from now on."""
        self._app = app
        load_fonts()
        self._tell_system()
        self._is_dark = self._wants_dark()
        app.setStyle("Fusion")
        app.setFont(interface_font(self.type_px("body")))
        self._dress(app)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _wants_dark(self) -> bool:
        if self._mode != "system":
            return self._mode == "dark"
        return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark

    def _tell_system(self) -> None:
        """Let title bars and the system's own dialogs follow the choice where the platform can."""
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        QGuiApplication.styleHints().setColorScheme(schemes.get(self._mode, Qt.ColorScheme.Unknown))

    def _on_system_changed(self) -> None:
        self._take_scheme()

    def _take_scheme(self) -> None:
        if self._wants_dark() is not self._is_dark:
            self._is_dark = not self._is_dark
            self._refresh()

    def _refresh(self) -> None:
        if self._app is not None:
            self._dress(self._app)
        self.changed.emit()

    def _dress(self, app: QApplication) -> None:
        app.setPalette(make_palette(self.tokens))
        sheet = render_stylesheet(self.tokens, self._text_size)
        if sheet != self._sheet:
            self._sheet = sheet
            app.setStyleSheet(sheet)


def _clamped(size_px: int) -> int:
    low, high = TEXT_SIZES
    return min(max(size_px, low), high)
