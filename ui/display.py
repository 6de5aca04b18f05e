"""Says whether a window can be shown here, and what is missing if not. Imports no Qt before it must."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libbrotlidec.so.1": "libbrotli1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
"""The Debian and Ubuntu package of each system library Qt looks for."""


def display_problem(environment: Mapping[str, str] | None = None) -> str | None:
    """Return a sentence that says why no window can be shown and what to do, or ``None`` when all is well.

    ``environment`` is ``os.environ`` unless given. Imports QtWidgets, to see whether its libraries are there.
    """
    places = os.environ if environment is None else environment
    if missing := _missing_library():
        return _library_sentence(missing)
    platform = places.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if not sys.platform.startswith("linux") or (platform and not platform.startswith(("xcb", "wayland"))):
        return None
    return _connection_problem(platform, places)


def _connection_problem(platform: str, places: Mapping[str, str]) -> str | None:
    wants_wayland = bool(places.get("WAYLAND_DISPLAY")) and not platform.startswith("xcb")
    wants_x = bool(places.get("DISPLAY")) and not platform.startswith("wayland")
    if not wants_wayland and not wants_x:
        return _(
            "Inkstone cannot open a window: there is no display. "
            "Start it from a desktop session, chat in the terminal (make run ARGS=chat, or inkstone chat), "
            "or give it a virtual display (xvfb-run -a make run)."
        )
    if wants_wayland and _wayland_answers(places):
        return None
    if wants_x and (missing := _missing_x_plugin_library()):
        return _library_sentence(missing)
    if wants_x and _x_answers():
        return None
    name = places["DISPLAY"] if wants_x else places["WAYLAND_DISPLAY"]
    return _(
        "Inkstone cannot open a window: the display “{name}” does not answer. "
        "Start it from a desktop session, or use it in the terminal: inkstone chat"
    ).format(name=name)


def _library_sentence(missing: str) -> str:
    package = _PACKAGES.get(missing)
    if package is None:
        return _("Inkstone cannot open a window: Qt could not be loaded ({reason}).").format(reason=missing)
    return _(
        "Inkstone cannot open a window: the system library {library} is missing. "
        "On Debian and Ubuntu it comes with: sudo apt install {package}"
    ).format(library=missing, package=package)


def _missing_library() -> str | None:
    try:
        import PySide6.QtWidgets  # noqa: F401 - only to see whether it loads
    except ImportError as error:
        return _library_in(str(error))
    return None


def _missing_x_plugin_library() -> str | None:
    spec = importlib.util.find_spec("PySide6")
    if spec is None or spec.origin is None:
        return None
    plugin = Path(spec.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.exists():
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return _library_in(str(error))
    return None


def _library_in(words: str) -> str:
    """Return the library's name out of the loader's words (``libX.so.1: cannot open …``), or all of them."""
    name = words.split(":", 1)[0].strip()
    return name if ".so" in name and " " not in name else words


def _wayland_answers(places: Mapping[str, str]) -> bool:
    return (Path(places.get("XDG_RUNTIME_DIR", "/")) / places["WAYLAND_DISPLAY"]).exists()


def _x_answers() -> bool:
    """Try to connect as Qt will: it would end the whole program where this fails."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return answers
