"""The dialog after a mistake of ours: what it means, and a report to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from assistant.i18n import _
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from pathlib import Path

    from ui.theme.theme import Theme

_SIZE = QSize(640, 440)


class CrashDialog(Dialog):
    """Shows one report; further ones while it is open are added below it."""

    def __init__(self, theme: Theme, parent: QWidget | None, report: str, logs: Path) -> None:
        """``logs`` is the folder with the log files."""
        super().__init__(theme, parent, _("Something went wrong"))
        self._logs = logs
        self.add_heading(
            _("Something in Inkstone went wrong."),
            _(
                "It is a mistake of ours. What was saved stays saved, and you can go on. The report says where it "
                "happened; nothing of your conversations is in it."
            ),
            icon_name="circle-alert",
            token="bad",
        )
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setProperty("role", "code")
        self.report.setTabChangesFocus(True)
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setAccessibleName(_("Report"))
        self.body.addWidget(self.report, 1)
        self.copy_button = Button(theme, _("Copy the report"), icon_name="copy")
        self.logs_button = Button(theme, _("Show the log files"), kind="ghost", icon_name="folder-open")
        self.go_on_button = Button(theme, _("Go on"), kind="primary")
        self.go_on_button.setDefault(True)
        self.foot.addWidget(self.logs_button)
        self.foot.addStretch(1)
        self.foot.addWidget(self.copy_button)
        self.foot.addWidget(self.go_on_button)
        self.copy_button.clicked.connect(self.copy)
        self.logs_button.clicked.connect(self._show_logs)
        self.go_on_button.clicked.connect(self.accept)
        self.resize(_SIZE)
        self.go_on_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def add(self, report: str) -> None:
        """Show one more report."""
        self.report.appendPlainText("\n" + report)

    def copy(self) -> None:
        """Put the report into the clipboard."""
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copy_button.setText(_("Copied"))
        self.copy_button.set_icon_name("check")
        announce(self, _("Copied"))

    def _show_logs(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs)))
