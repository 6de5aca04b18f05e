"""Inkstone without a window: conversations, models and the engine that runs them.

Nothing in this package imports Qt. The window in ``ui`` and the terminal in ``assistant.cli`` are two views onto it.
"""

__version__ = "0.1.0"
