"""Every key of the window, once: what it does and which keys; the actions and the cheat sheet follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence

from assistant.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Shortcut:
    """``label`` and ``group`` are marked English; ``keys`` are in Qt's portable form, the first is the one shown.

    ``is_action`` is False for keys that a widget handles by itself; they stand on the cheat sheet only.
    """

    id: str
    group: str
    label: str
    keys: tuple[str, ...]
    is_action: bool = True


CONVERSATIONS = N_("Conversations")
WRITING = N_("Writing")
ANSWERS = N_("Answers")
WINDOW = N_("Window")
GROUPS = (CONVERSATIONS, WRITING, ANSWERS, WINDOW)

SHORTCUTS = (
    Shortcut("new_conversation", CONVERSATIONS, N_("New conversation"), ("Ctrl+N",)),
    Shortcut("previous_conversation", CONVERSATIONS, N_("Previous conversation"), ("Ctrl+PgUp", "Ctrl+Shift+Tab")),
    Shortcut("next_conversation", CONVERSATIONS, N_("Next conversation"), ("Ctrl+PgDown", "Ctrl+Tab")),
    Shortcut("rename_conversation", CONVERSATIONS, N_("Rename"), ("F2",)),
    Shortcut("delete_conversation", CONVERSATIONS, N_("Delete, with undo"), ("Ctrl+Shift+Backspace",)),
    Shortcut("find", CONVERSATIONS, N_("Find in the conversation"), ("Ctrl+F",)),
    Shortcut("find_next", CONVERSATIONS, N_("Next place found"), ("F3", "Ctrl+G")),
    Shortcut("find_previous", CONVERSATIONS, N_("Previous place found"), ("Shift+F3", "Ctrl+Shift+G")),
    Shortcut("send", WRITING, N_("Send"), ("Return",), is_action=False),
    Shortcut("new_line", WRITING, N_("New line"), ("Shift+Return",), is_action=False),
    Shortcut("edit_last", WRITING, N_("Edit the last question, from the empty field"), ("Up",), is_action=False),
    Shortcut("focus_composer", WRITING, N_("Go to the text field"), ("Ctrl+L",)),
    Shortcut("stop", ANSWERS, N_("Stop the answer"), ("Esc",)),
    Shortcut("another_answer", ANSWERS, N_("Another answer"), ("Ctrl+R",)),
    Shortcut("copy_answer", ANSWERS, N_("Copy the last answer"), ("Ctrl+Shift+C",)),
    Shortcut("jump_to_end", ANSWERS, N_("Jump to the end"), ("Ctrl+Shift+End",)),
    Shortcut("show_chat", WINDOW, N_("Chat"), ("Ctrl+1",)),
    Shortcut("show_models", WINDOW, N_("Models"), ("Ctrl+2", "Ctrl+Shift+M")),
    Shortcut("choose_model", WINDOW, N_("Choose a model"), ("Ctrl+M",)),
    Shortcut("toggle_sidebar", WINDOW, N_("Show or hide the sidebar"), ("Ctrl+B",)),
    Shortcut("toggle_inspector", WINDOW, N_("Show or hide the settings of the conversation"), ("Ctrl+I",)),
    Shortcut("larger_text", WINDOW, N_("Larger text"), ("Ctrl++", "Ctrl+=")),
    Shortcut("smaller_text", WINDOW, N_("Smaller text"), ("Ctrl+-",)),
    Shortcut("normal_text", WINDOW, N_("Normal text size"), ("Ctrl+0",)),
    Shortcut("settings", WINDOW, N_("Settings"), ("Ctrl+,",)),
    Shortcut("cheat_sheet", WINDOW, N_("Keyboard shortcuts"), ("F1", "Ctrl+/")),
    Shortcut("quit", WINDOW, N_("Quit"), ("Ctrl+Q",)),
)

_BY_ID = {declared.id: declared for declared in SHORTCUTS}


def shortcut(name: str) -> Shortcut:
    """Return the declaration with this id. Raises KeyError for an id nobody declared."""
    return _BY_ID[name]


def make_action(name: str, window: QWidget, triggered: Callable[[], object]) -> QAction:
    """Return an action of ``window`` with the words and the keys of a shortcut; its object name is the id."""
    declared = shortcut(name)
    assert declared.is_action
    action = QAction(_(declared.label), window)
    action.setObjectName(declared.id)
    action.setShortcuts([QKeySequence(keys) for keys in declared.keys])
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    action.triggered.connect(lambda _checked=False: triggered())
    window.addAction(action)
    return action


def retranslate_action(action: QAction) -> None:
    """Show an action of ``make_action`` in the language in use."""
    action.setText(_(shortcut(action.objectName()).label))


def key_caps(keys: str) -> list[str]:
    """Return what stands on each key to press together, as this system writes it: ``Ctrl+Shift+C`` is three."""
    text = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    arrows = {"Up": "↑", "Down": "↓", "Return": "Enter"}
    caps = [*text[:-2].split("+"), "+"] if text.endswith("++") else text.split("+")
    return [arrows.get(cap, cap) for cap in caps]
