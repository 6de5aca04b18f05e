"""Markdown into Qt documents, safely and incrementally."""
