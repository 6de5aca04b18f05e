"""The transcript and Markdown on mixed answers with distinct code: processor time of the window's process.

Every answer is another one, so no cache helps: prose, headings, lists, tables, and code in four languages.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtWidgets import QApplication

from assistant.store.rows import Message, Role, Status, Usage
from tests.bench.figures import Table, median, percentile
from ui.chat.transcript import Transcript
from ui.markdown.document import MarkdownDocument
from ui.markdown.render import render
from ui.markdown.style import MarkdownStyle
from ui.theme.theme import Theme

TEXT = """
the miller wrote price of grain and names visitors into his diary day after wool salt iron river bridge tax toll letter
winter harvest council market weight measure copper silver road inn horse cart flour stone wheel
"""
WORDS = TEXT.split()


def prose(dice: random.Random, count: int) -> str:
    """Return a sentence with a bold word, code and a link now and then."""
    words = [dice.choice(WORDS) for _ in range(count)]
    if count > 12:
        words[3] = f"**{words[3]}**"
        words[8] = f"`{words[8]}`"
        words[11] = f"[{words[11]}](https://example.org/{words[11]})"
    return " ".join(words).capitalize() + "."


def code(dice: random.Random) -> str:
    """Return a fence with code that occurs once."""
    a, b, c = (dice.choice(WORDS) for _ in range(3))
    n = dice.randrange(1_000)
    return dice.choice(
        [
            f"```python\ndef {a}_{b}({c}: list[float], limit: int = {n}) -> float:\n"
            f'    """Return the {a} of the {b}."""\n    total = sum(x * {n / 7:.3f} for x in {c})  # {b}\n'
            f"    return total if total < limit else float(limit)\n```",
            f"```js\nconst {a} = async ({b}) => {{\n  const r = await fetch(`/{c}/${{{b}}}?n={n}`);\n"
            f"  /* {b}\n     {c} */\n  return r.json();\n}};\n```",
            f'```json\n{{"{a}": {n}, "{b}": [true, null, "{c}"], "nested": {{"{c}": {n / 3:.4f}}}}}\n```',
            f'```sh\nfor {a} in *.{b}; do\n  grep -n "{c}" "${a}" | head -{n}  # {b}\ndone\n```',
        ]
    )


def part(dice: random.Random) -> str:
    """Return one block of an answer."""
    kind = dice.random()
    if kind < 0.5:
        return prose(dice, dice.randrange(25, 70))
    if kind < 0.62:
        return f"## {prose(dice, 4)[:-1]}\n\n{prose(dice, dice.randrange(20, 40))}"
    if kind < 0.78:
        return "\n".join(f"- {prose(dice, dice.randrange(6, 18))}" for _ in range(dice.randrange(3, 6)))
    if kind < 0.92:
        return code(dice)
    rows = "\n".join(f"| {dice.choice(WORDS)} | {dice.randrange(40)} kg | {dice.random():.2f} |" for _ in range(5))
    return f"| What | Weight | Price |\n|---|--:|--:|\n{rows}"


def answer(dice: random.Random, length: int) -> str:
    """Return an answer of about ``length`` characters."""
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        parts.append(part(dice))
    return "\n\n".join(parts)


def conversation(count: int) -> list[Message]:
    """Return ``count`` messages, questions and answers in turn."""
    dice, now = random.Random(1), datetime.now(UTC)
    usage = Usage("stop", 900, 0, 240, 400.0, 9_000.0)
    return [
        Message(n, 1, n - 1 or None, Role.USER, prose(dice, dice.randrange(4, 40)), Status.COMPLETE, now)
        if n % 2
        else Message(
            n,
            1,
            n - 1,
            Role.ASSISTANT,
            answer(dice, dice.randrange(300, 1_800)),
            Status.COMPLETE,
            now,
            "Starter",
            usage,
        )
        for n in range(1, count + 1)
    ]


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the processor time ``work`` takes."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


def settle(app: QApplication, transcript: Transcript) -> None:
    """Let idle work end, as it does between two steps of a hand."""
    while transcript._idle.isActive():
        app.processEvents()


def shown(transcript: Transcript) -> None:
    """Paint the window."""
    transcript.viewport().grab()


def bench_transcript(app: QApplication, theme: Theme) -> None:
    """Open, scroll, jump, resize and switch the theme in 10,000 messages."""
    table = Table("Transcript, 10,000 mixed messages (processor time)")
    transcript = Transcript(theme)
    transcript.resize(1100, 800)
    transcript.show()
    transcript.set_messages(conversation(40))
    shown(transcript)
    settle(app, transcript)
    messages = conversation(10_000)
    before = psutil.Process().memory_info().rss
    table.row("open → first paint", cpu_ms(lambda: (transcript.set_messages(messages), shown(transcript))), "ms", 200)
    settle(app, transcript)
    bar = transcript.verticalScrollBar()
    for name, idle in (("scroll step", True), ("scroll step without a pause", False)):
        steps = []
        for _step in range(500):
            steps.append(cpu_ms(lambda: (bar.setValue(bar.value() - 90), shown(transcript))))
            if idle:
                settle(app, transcript)
        table.row(f"{name}, p50", median(steps), "ms", 8)
        table.row(f"{name}, p99", percentile(steps, 0.99), "ms", 16 if idle else 50)
    jumps = []
    for place in range(1, 150):
        target = bar.maximum() * place // 150
        jumps.append(cpu_ms(lambda target=target: (bar.setValue(target), shown(transcript))))
        settle(app, transcript)
    table.row("jump anywhere, p99", percentile(jumps, 0.99), "ms", 50)
    widths = [cpu_ms(lambda w=w: (transcript.resize(w, 800), shown(transcript))) for w in (1000, 700, 900, 640, 1100)]
    table.row("new width, worst", max(widths), "ms", 30)
    table.row("select all", cpu_ms(transcript.selection.select_all), "ms", 50)
    transcript.selection.clear()
    table.row("find a word in all", cpu_ms(lambda: transcript.finder.find("silver")), "ms", 50)
    steps = [cpu_ms(lambda: (transcript.finder.step(1), shown(transcript))) for _ in range(100)]
    table.row("go to the next place, p99", percentile(steps, 0.99), "ms", 50)
    transcript.finder.find("")
    table.row("theme switch", cpu_ms(lambda: (theme.set_mode("dark"), shown(transcript))), "ms", 250)
    theme.set_mode("light")
    settle(app, transcript)
    table.row("memory growth", (psutil.Process().memory_info().rss - before) / 2**20, "MiB", 40)
    transcript.close()


def bench_stream(app: QApplication, theme: Theme) -> None:
    """Write an answer of 2,000 tokens below 1,000 and below 10,000 messages."""
    table = Table("An answer of 2,000 tokens, an update a token (processor time)")
    medians = {}
    text = answer(random.Random(5), 8_400)[:8_400]
    for count in (1_000, 10_000):
        transcript = Transcript(theme)
        transcript.resize(1100, 800)
        transcript.show()
        transcript.set_messages(conversation(count))
        transcript.scroll_to_end()
        settle(app, transcript)
        updates = stream(transcript, count + 1, text)
        medians[count] = median(updates)
        transcript.close()
    table.row("update with repaint, p50", median(updates), "ms", 6)
    table.row("update with repaint, p99", percentile(updates, 0.99), "ms", 16)
    table.row("longest", max(updates), "ms", 50)
    table.row("last 200 : first 200", median(updates[-200:]) / median(updates[:200]), "×", 2)
    table.row("10,000 : 1,000 messages", medians[10_000] / medians[1_000], "×", 1.5)


def bench_tails(app: QApplication, theme: Theme) -> None:
    """Write answers of about 8 kB that are one block each: the block that is still open must not cost by its length."""
    table = Table("An answer that is one block, an update a token (processor time)")
    for name, text in tails().items():
        transcript = Transcript(theme)
        transcript.resize(1100, 800)
        transcript.show()
        transcript.set_messages(conversation(20))
        settle(app, transcript)
        updates = stream(transcript, 21, text)
        table.row(f"one {name}, update with repaint, p50", median(updates), "ms", 6)
        table.row(f"one {name}, p99", percentile(updates, 0.99), "ms", 20)
        table.row(f"one {name}, longest", max(updates), "ms", 50)
        table.row(f"one {name}, last 200 : first 200", median(updates[-200:]) / median(updates[:200]), "×", 2)
        transcript.close()


def tails() -> dict[str, str]:
    """Return answers that are one block each."""
    dice = random.Random(7)
    lines = "".join(f"    {dice.choice(WORDS)}_{n} = {dice.choice(WORDS)}({n}, '{n}')  # {n}\n" for n in range(200))
    return {
        "code fence": f"```python\ndef f():\n{lines[:8_000]}```\n\nDone.",
        "list": "\n".join(f"{n}. {prose(dice, 14)}" for n in range(1, 90)),
        "table of 120 rows": "| a | b | c |\n|--|--|--:|\n"
        + "\n".join(f"| {dice.choice(WORDS)} {n} | {prose(dice, 7)} | {dice.randrange(1_000)} |" for n in range(119)),
        "quote": "\n>\n".join(f"> {prose(dice, 30)}" for _ in range(40)),
        "paragraph": prose(dice, 1_400),
    }


def stream(transcript: Transcript, number: int, text: str) -> list[float]:
    """Show ``text`` four characters at a time; returns the processor time of every update with its painting."""
    message = Message(number, 1, number - 1, Role.ASSISTANT, "", Status.STREAMING, datetime.now(UTC), "Starter")
    transcript.append(message)
    transcript.scroll_to_end()
    updates = []
    for end in range(4, len(text) + 4, 4):
        transcript._pause_until = 0.0  # every update is shown, however long the last one took
        updates.append(cpu_ms(lambda end=end: (transcript.update_text(number, text[:end]), shown(transcript))))
    return updates


def bench_markdown(theme: Theme) -> None:
    """Render and lay out mixed text, and text that is nothing but code."""
    table = Table("Markdown (processor time)")
    style, dice = MarkdownStyle(theme), random.Random(3)
    mixed = [answer(dice, 2_000) for _ in range(100)]
    codes = [code(dice) for _ in range(300)]
    for name, texts, limit in (("mixed", mixed, 2), ("code only", codes, 6)):
        took = cpu_ms(lambda texts=texts: [laid_out(text, style) for text in texts])
        table.row(f"{name}, first time", took / (sum(map(len, texts)) / 1000), "ms/kB", limit)


def laid_out(text: str, style: MarkdownStyle) -> float:
    """Render a text and return its height."""
    document = MarkdownDocument(style, 700)
    render(document, text, style)
    return document.size().height()


def main() -> None:
    """Run all."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme("light")
    theme.apply(app)
    bench_transcript(app, theme)
    bench_stream(app, theme)
    bench_tails(app, theme)
    bench_markdown(theme)


if __name__ == "__main__":
    main()
