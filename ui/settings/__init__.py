"""The settings dialog, made from the declarations."""
