from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

import ui
from ui.theme.assets import asset
from ui.theme.icons import STROKE, app_icon, icon, mark, paint_icon, pixmap
from ui.theme.theme import Theme

SHIPPED = sorted(path.stem for path in asset("icons").glob("*.svg"))


def colors(image: QImage) -> set[str]:
    points = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return {image.pixelColor(*point).name() for point in points if image.pixelColor(*point).alpha() == 255}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_icon_can_be_drawn(qapp: QApplication, name: str) -> None:
    assert QSvgRenderer(str(asset("icons", f"{name}.svg"))).isValid()


def test_an_icon_has_the_colour_of_its_token(theme: Theme) -> None:
    assert colors(pixmap(theme, "square", "accent", 24, 2.0).toImage()) == {theme.color("accent").name()}
    theme.set_mode("dark")
    assert colors(pixmap(theme, "square", "accent", 24, 2.0).toImage()) == {theme.color("accent").name()}


def test_an_icon_is_sharp_at_each_scale(theme: Theme) -> None:
    made = icon(theme, "check", "text", 18)
    for scale in (1.0, 2.0, 3.0):
        drawn = made.pixmap(QSize(18, 18), scale)
        assert (drawn.width(), drawn.devicePixelRatio()) == (18 * scale, scale)


def test_an_icon_that_cannot_be_used_is_pale(theme: Theme) -> None:
    made = icon(theme, "square", "text", 24)
    drawn = made.pixmap(QSize(24, 24), 1.0, QIcon.Mode.Disabled).toImage()
    assert theme.color("text_disabled").name() in colors(drawn)


def test_an_icon_is_drawn_once(theme: Theme) -> None:
    assert icon(theme, "copy") is icon(theme, "copy")
    assert pixmap(theme, "copy", "text", 18, 1.0) is pixmap(theme, "copy", "text", 18, 1.0)


def test_the_stroke_is_the_design_s() -> None:
    assert STROKE == 1.75
    assert 'stroke-width="2"' in asset("icons", "check.svg").read_text(encoding="utf-8")


def test_a_gap_makes_room_on_the_right(theme: Theme) -> None:
    drawn = icon(theme, "copy", "text", 16, gap=4).pixmap(QSize(20, 16), 2.0)
    assert drawn.size() == QSize(40, 32)


def test_an_icon_is_painted_for_the_device(theme: Theme) -> None:
    sheet = QPixmap(48, 48)
    sheet.setDevicePixelRatio(2)
    sheet.fill(QColor("white"))
    with QPainter(sheet) as painter:
        paint_icon(painter, theme, "square", "bad", QRectF(0, 0, 24, 24))
    assert theme.color("bad").name() in colors(sheet.toImage())


def test_the_program_has_an_icon(qapp: QApplication) -> None:
    assert not app_icon().isNull()
    assert app_icon().actualSize(QSize(128, 128)) == QSize(128, 128)
    assert mark(28, 2.0).width() == 56


def test_an_icon_nobody_shipped_is_a_mistake(theme: Theme) -> None:
    with pytest.raises(FileNotFoundError):
        icon(theme, "no-such-icon")


def test_the_icons_named_in_the_code_are_shipped() -> None:
    used: set[str] = set()
    for file in Path(ui.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                used |= icon_names(call)
    assert len(used) > 10
    assert used <= set(SHIPPED)


def icon_names(call: ast.Call) -> set[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [keyword.value for keyword in call.keywords if keyword.arg == "icon_name"]
    if name in ("icon", "pixmap", "IconButton", "RoundButton"):
        given += call.args[1:2]
    return {
        each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value
    }


def test_the_licences_are_shipped() -> None:
    assert "ISC License" in asset("icons", "LICENSE").read_text(encoding="utf-8")
    for name in ("Inter", "JetBrainsMono"):
        assert "SIL OPEN FONT LICENSE" in asset("fonts", f"{name}-OFL.txt").read_text(encoding="utf-8")
