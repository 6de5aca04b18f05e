"""What a person can set: each setting declared once, kept in a TOML file, read by name.

To add a setting, add one declaration to ``declarations.py``; the file, the validation and the dialog follow from it.
"""

from assistant.settings.declarations import SECTIONS, SETTINGS, Section, setting, settings_of
from assistant.settings.file import Settings
from assistant.settings.kinds import FOLLOW_MODEL, Effect, Kind, Setting, Value

__all__ = [
    "FOLLOW_MODEL",
    "SECTIONS",
    "SETTINGS",
    "Effect",
    "Kind",
    "Section",
    "Setting",
    "Settings",
    "Value",
    "setting",
    "settings_of",
]
