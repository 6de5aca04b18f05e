"""The window: a view onto ``assistant``. Signals go up, calls go down."""
