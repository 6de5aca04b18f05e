"""The same abilities from a terminal."""
