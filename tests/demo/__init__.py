"""``make demo``: drive the real window offscreen, and save what it looks like."""
