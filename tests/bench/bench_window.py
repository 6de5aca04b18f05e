"""The transcript: opening, scrolling, streaming; processor time of the window's process, memory from the system."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import time
from datetime import UTC, datetime

import psutil
from PySide6.QtWidgets import QApplication

from assistant.store.rows import Message, Role, Status
from tests.bench.figures import Table, median, percentile
from ui.chat.transcript import Transcript
from ui.theme import fonts
from ui.theme.theme import Theme

PARAGRAPH = "The miller wrote the **price of grain** and the names of the visitors into his diary, `day` after day. "
ANSWER = (
    "## What he wrote\n\n" + PARAGRAPH * 3 + "\n\n- wool\n- salt\n- iron\n\n"
    "```python\ndef price(day):\n    return grain[day] * 1.03  # a cap\n```\n\n" + PARAGRAPH * 2 + "\n\n"
)


def cpu_ms(work):
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


def conversation(count):
    now = datetime.now(UTC)
    return [
        Message(
            number,
            1,
            number - 1 or None,
            Role.USER if number % 2 else Role.ASSISTANT,
            f"Question {number}? " + PARAGRAPH if number % 2 else ANSWER,
            Status.COMPLETE,
            now,
            "Starter",
        )
        for number in range(1, count + 1)
    ]


def settle(app, transcript):
    while transcript._idle.isActive():
        app.processEvents()


def main():
    app = QApplication.instance() or QApplication([])
    fonts.load_fonts()
    theme = Theme("light")
    theme.apply(app)
    table = Table("Transcript (processor time)")
    transcript = Transcript(theme)
    transcript.resize(1100, 800)
    transcript.show()
    transcript.set_messages(conversation(40))
    transcript.grab()
    settle(app, transcript)
    messages = conversation(10_000)
    before = psutil.Process().memory_info().rss

    def open_it():
        transcript.set_messages(messages)
        transcript.scroll_to_end()
        transcript.grab()

    table.row("open 10,000 messages → first paint", cpu_ms(open_it), "ms", 200)
    settle(app, transcript)
    bar = transcript.verticalScrollBar()
    steps = []
    for _step in range(400):
        steps.append(cpu_ms(lambda: (bar.setValue(bar.value() - 90), transcript.viewport().grab())))
        settle(app, transcript)
    table.row("scroll step with repaint, p50", median(steps), "ms", 8)
    table.row("scroll step with repaint, p99", percentile(steps, 0.99), "ms", 16)
    jumps = []
    for place in range(1, 60):
        target = bar.maximum() * place // 60
        jumps.append(cpu_ms(lambda target=target: (bar.setValue(target), transcript.viewport().grab())))
        settle(app, transcript)
    table.row("jump anywhere, p99", percentile(jumps, 0.99), "ms", 50)
    table.row("memory growth", (psutil.Process().memory_info().rss - before) / 2**20, "MiB", 40)
    widths = []
    for width in (1000, 700, 900, 640, 1100):
        widths.append(cpu_ms(lambda width=width: (transcript.resize(width, 800), transcript.viewport().grab())))
        settle(app, transcript)
    table.row("new width, median", median(widths), "ms", 30)
    stream(table, transcript)
    text = ANSWER * 40
    from PySide6.QtGui import QTextDocument

    from ui.markdown.render import render
    from ui.markdown.style import MarkdownStyle

    style, document = MarkdownStyle(theme), QTextDocument()
    table.row("Markdown", cpu_ms(lambda: render(document, text, style)) / (len(text) / 1000), "ms/kB", 2)
    theme_ms = cpu_ms(lambda: (theme.set_mode("dark"), transcript.viewport().grab()))
    table.row("theme switch", theme_ms, "ms", 250)


def stream(table, transcript):
    """Write an answer of 2,000 tokens at the end of 10,000 messages, an update a token."""
    transcript.scroll_to_end()
    number = 10_001
    transcript.append(Message(number, 1, 10_000, Role.ASSISTANT, "", Status.STREAMING, datetime.now(UTC), "Starter"))
    words = (ANSWER * 20).split(" ")[:2000]
    text, updates = "", []
    for word in words:
        text += word + " "
        updates.append(cpu_ms(lambda text=text: (transcript.update_text(number, text), transcript.viewport().grab())))
    table.row("stream update with repaint, p50", median(updates), "ms", 6)
    table.row("stream update with repaint, p99", percentile(updates, 0.99), "ms", 16)
    table.row("longest block of the main thread while streaming", max(updates), "ms", 50)
    table.row("last 200 updates : first 200", median(updates[-200:]) / median(updates[:200]), "×", 2)


if __name__ == "__main__":
    main()
