"""Colours, type, spacing and icons, from tokens."""
