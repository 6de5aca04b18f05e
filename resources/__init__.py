"""Data shipped with Inkstone: fonts, icons, theme, translations."""
