"""What the window has shown of an answer is saved soon, also when the model says no more."""

import time

from assistant.chat.answer import SAVE_EVERY_S
from tests.fakes.window import Driver
from ui.app import SAVE_EVERY_MS

BUSY_S = 0.2


def test_the_text_so_far_is_saved_in_time_though_no_more_comes(qtbot, home):
    driver = Driver(qtbot, home)
    driver.begin("hang")
    driver.until(lambda: driver.contents()[-1])
    shown_at, answer = time.monotonic(), driver.branch()[-1]
    driver.until(lambda: driver.assistant._store.conversations.message(answer.id).content == driver.contents()[-1])
    assert time.monotonic() - shown_at < SAVE_EVERY_S + SAVE_EVERY_MS / 1000 + BUSY_S < 1.5
    driver.close()
