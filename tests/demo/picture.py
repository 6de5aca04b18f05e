"""Pictures of few colours, so that they take little room: under half of what all of them take."""

import numpy as np
from PySide6.QtGui import QImage

COLOURS = 256
ALWAYS = 96
"""The most frequent ones are kept as they are."""
SMALLEST = 0
"""Of the qualities of a PNG: it takes the least room."""


def save(image, path):
    """Save a picture as a PNG with a palette."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()) & 0xFFFFFF
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    parts = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.float32)
    chosen = _chosen(parts, counts)
    nearest = np.empty(len(colours), np.uint8)
    for start in range(0, len(colours), 4096):
        some = parts[start : start + 4096, None]
        nearest[start : start + 4096] = ((some - parts[chosen]) ** 2).sum(axis=2).argmin(axis=1)
    indexes = np.ascontiguousarray(nearest[places].reshape(pixels.shape))
    made = QImage(indexes.data, image.width(), image.height(), image.width(), QImage.Format.Format_Indexed8)
    made.setColorTable([0xFF000000 | int(colour) for colour in colours[chosen]])
    made.save(str(path), "PNG", SMALLEST)


def _chosen(parts, counts):
    """Return which colours make the palette: the frequent ones, then always the one that would be missed most."""
    chosen = list(np.argsort(-counts)[:ALWAYS])
    missed = np.full(len(parts), np.inf, np.float32)
    for one in chosen:
        missed = np.minimum(missed, ((parts - parts[one]) ** 2).sum(axis=1))
    while len(chosen) < min(COLOURS, len(parts)):
        one = int((missed * np.sqrt(counts)).argmax())
        chosen.append(one)
        missed = np.minimum(missed, ((parts - parts[one]) ** 2).sum(axis=1))
    return chosen
