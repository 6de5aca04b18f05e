"""What set-up needs from the system itself: found by trying, named for this system, installed by apt when root.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

INSTALLERS = {
    "apt-get": "sudo apt-get install -y",
    "dnf": "sudo dnf install",
    "pacman": "sudo pacman -S",
    "zypper": "sudo zypper install",
    "brew": "brew install",
    "winget": "winget install",
}
"""Each package tool we know, with what a person types before the package names."""

COMPILER = {
    "apt-get": "g++",
    "dnf": "gcc-c++",
    "pacman": "gcc",
    "zypper": "gcc-c++",
    "winget": "Microsoft.VisualStudio.2022.BuildTools",
}
CMAKE = {**dict.fromkeys(INSTALLERS, "cmake"), "winget": "Kitware.CMake"}
MAKE = dict.fromkeys(("apt-get", "dnf", "pacman", "zypper", "brew"), "make")
CHINESE_FONT = {
    "apt-get": "fonts-noto-cjk",
    "dnf": "google-noto-sans-cjk-fonts",
    "pacman": "noto-fonts-cjk",
    "zypper": "google-noto-sans-cjk-fonts",
    "brew": "font-noto-sans-cjk-sc",
}

_LIBRARY_TOOLS = ("apt-get", "dnf", "pacman", "zypper")
_LIBRARIES = """
libEGL.so.1              libegl1                libglvnd-egl          libglvnd              libEGL1
libGL.so.1               libgl1                 libglvnd-glx          libglvnd              libGL1
libOpenGL.so.0           libopengl0             libglvnd-opengl       libglvnd              libOpenGL0
libGLX.so.0              libglx0                libglvnd-glx          libglvnd              libGLX0
libglib-2.0.so.0         libglib2.0-0           glib2                 glib2                 libglib-2_0-0
libgthread-2.0.so.0      libglib2.0-0           glib2                 glib2                 libgthread-2_0-0
libfontconfig.so.1       libfontconfig1         fontconfig            fontconfig            libfontconfig1
libfreetype.so.6         libfreetype6           freetype              freetype2             libfreetype6
libdbus-1.so.3           libdbus-1-3            dbus-libs             dbus                  libdbus-1-3
libbrotlidec.so.1        libbrotli1             libbrotli             brotli                libbrotlidec1
libz.so.1                zlib1g                 zlib                  zlib                  libz1
libxkbcommon.so.0        libxkbcommon0          libxkbcommon          libxkbcommon          libxkbcommon0
libxkbcommon-x11.so.0    libxkbcommon-x11-0     libxkbcommon-x11      libxkbcommon-x11      libxkbcommon-x11-0
libX11.so.6              libx11-6               libX11                libx11                libX11-6
libX11-xcb.so.1          libx11-xcb1            libX11-xcb            libx11                libX11-xcb1
libxcb.so.1              libxcb1                libxcb                libxcb                libxcb1
libxcb-cursor.so.0       libxcb-cursor0         xcb-util-cursor       xcb-util-cursor       libxcb-cursor0
libxcb-icccm.so.4        libxcb-icccm4          xcb-util-wm           xcb-util-wm           libxcb-icccm4
libxcb-image.so.0        libxcb-image0          xcb-util-image        xcb-util-image        libxcb-image0
libxcb-keysyms.so.1      libxcb-keysyms1        xcb-util-keysyms      xcb-util-keysyms      libxcb-keysyms1
libxcb-render-util.so.0  libxcb-render-util0    xcb-util-renderutil   xcb-util-renderutil   libxcb-render-util0
libxcb-util.so.1         libxcb-util1           xcb-util              xcb-util              libxcb-util1
libxcb-randr.so.0        libxcb-randr0          libxcb                libxcb                libxcb-randr0
libxcb-render.so.0       libxcb-render0         libxcb                libxcb                libxcb-render0
libxcb-shape.so.0        libxcb-shape0          libxcb                libxcb                libxcb-shape0
libxcb-shm.so.0          libxcb-shm0            libxcb                libxcb                libxcb-shm0
libxcb-sync.so.1         libxcb-sync1           libxcb                libxcb                libxcb-sync1
libxcb-xfixes.so.0       libxcb-xfixes0         libxcb                libxcb                libxcb-xfixes0
libxcb-xkb.so.1          libxcb-xkb1            libxcb                libxcb                libxcb-xkb1
libwayland-client.so.0   libwayland-client0     libwayland-client     wayland               libwayland-client0
libwayland-cursor.so.0   libwayland-cursor0     libwayland-cursor     wayland               libwayland-cursor0
libwayland-egl.so.1      libwayland-egl1        libwayland-egl        wayland               libwayland-egl1
"""
LIBRARIES = {
    line.split()[0]: dict(zip(_LIBRARY_TOOLS, line.split()[1:], strict=True))
    for line in _LIBRARIES.strip().splitlines()
}
"""Each shared library Qt may miss, with the package that holds it for each package tool."""

_TRY_QT = """
from PySide6 import QtNetwork, QtPrintSupport, QtSvg, QtWidgets
from PySide6.QtGui import QFontDatabase
app = QtWidgets.QApplication([])
print("chinese fonts:", len(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)))
"""


@dataclass(frozen=True)
class Part:
    """Something the system lacks: its name, and the package that holds it for each package tool."""

    name: str
    packages: Mapping[str, str] = field(default_factory=dict)


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return its output as text; a missing program counts as failed (127)."""
    try:
        return subprocess.run(
            command,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def missing_for_venv() -> list[Part]:
    """Return what Python itself lacks for making environments: Debian ships ``venv`` and ``ensurepip`` apart."""
    if run([sys.executable, "-c", "import ensurepip, venv"]).returncode == 0:
        return []
    version = f"python3.{sys.version_info.minor}"
    return [Part("Python's venv module", {"apt-get": f"{version}-venv"})]


def missing_for_build() -> list[Part]:
    """Return what is missing to compile llama-cpp-python. On Windows the build itself says so, nothing is tried."""
    missing = []
    if os.name != "nt" and not _compiles():
        missing.append(Part("a C++ compiler", COMPILER))
    if run(["cmake", "--version"]).returncode != 0:
        missing.append(Part("cmake", CMAKE))
    if os.name != "nt" and not (shutil.which("make") or shutil.which("ninja")):
        missing.append(Part("make", MAKE))
    return missing


def _compiles() -> bool:
    """Return whether a C and a C++ compiler turn a few lines with a standard header into an object file."""
    sources = {"c": "#include <stdio.h>\nint main(void) { return 0; }\n", "cpp": "#include <vector>\nint main() {}\n"}
    compilers = {"c": os.environ.get("CC", "cc"), "cpp": os.environ.get("CXX", "c++")}
    with tempfile.TemporaryDirectory() as folder:
        for kind, text in sources.items():
            source = Path(folder, f"try.{kind}")
            source.write_text(text, encoding="ascii")
            command = [*compilers[kind].split(), "-c", str(source), "-o", str(source.with_suffix(".o"))]
            if run(command).returncode != 0:
                return False
    return True


def try_qt(python: Path) -> tuple[list[Part], list[Part]]:
    """Start Qt with no window in ``python``; return what no window works without, and what some windows need.

    The second list holds the libraries of the X11 and Wayland plugins and a Chinese font.
    """
    started = run([str(python), "-c", _TRY_QT], QT_QPA_PLATFORM="offscreen")
    plugins = _unresolved(_plugins(python))
    if started.returncode != 0:
        needed = [_library(name) for name in _missing_names(started.stderr)] or [Part(started.stderr.strip()[-600:])]
        return _unique([*needed, *plugins]), []
    font = [] if "chinese fonts: 0" not in started.stdout else [Part("a Chinese font", CHINESE_FONT)]
    return [], _unique([*plugins, *font])


def _plugins(python: Path) -> list[Path]:
    """Return Qt's Linux window plugins in the environment of ``python``; none on other systems."""
    if not sys.platform.startswith("linux"):
        return []
    folders = python.parent.parent.glob("lib*/python3*/site-packages/PySide6/Qt/plugins/platforms")
    return [file for folder in folders for file in sorted(folder.glob("*.so")) if re.search("xcb|wayland", file.name)]


def _unresolved(files: Iterable[Path]) -> list[Part]:
    """Return the shared libraries that the loader cannot find for ``files``."""
    output = "".join(run(["ldd", str(file)]).stdout for file in files)
    return [_library(name) for name in re.findall(r"^\s*(\S+) => not found", output, re.MULTILINE)]


def _missing_names(message: str) -> list[str]:
    """Return the shared libraries that an ImportError of the loader names."""
    return re.findall(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object", message)


def _library(name: str) -> Part:
    return Part(name, LIBRARIES.get(name, {}))


def _unique(parts: Iterable[Part]) -> list[Part]:
    return list({part.name: part for part in parts}.values())


def package_tool() -> str | None:
    """Return the package tool of this system, None when we know none of those here."""
    return next((tool for tool in INSTALLERS if shutil.which(tool)), None)


def advice(parts: Iterable[Part], tool: str | None) -> str:
    """Return, in a few lines, what is missing and what to type on a system with the package tool ``tool``."""
    parts = list(parts)
    lines = ["Missing on this system: " + ", ".join(part.name for part in parts) + "."]
    packages = _packages(parts, tool)
    if tool and packages:
        lines.append(f"Install it with:  {INSTALLERS[tool]} {' '.join(packages)}")
    if tool in ("brew", None) and any(part.packages is COMPILER for part in parts):
        lines.append("On macOS the compiler comes with:  xcode-select --install")
    if not packages and not tool:
        lines.append("Please install it with this system's package tool, then run the command again.")
    return "\n".join(lines)


def _packages(parts: Iterable[Part], tool: str | None) -> list[str]:
    return sorted({part.packages[tool] for part in parts if tool in part.packages}) if tool else []


def install_as_root(parts: Iterable[Part]) -> bool:
    """Install the packages of ``parts`` by apt when this is root on a Debian; says whether anything was tried."""
    packages = _packages(parts, "apt-get")
    if not packages or package_tool() != "apt-get" or os.geteuid() != 0:
        return False
    print(f"Installing for this system: {' '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
    wait = ["-o", "DPkg::Lock::Timeout=300"]
    install = ["apt-get", *wait, "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(install, env=quiet, check=False, stdout=subprocess.DEVNULL)
    return True
