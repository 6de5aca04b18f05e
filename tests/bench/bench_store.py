"""What saving and opening cost: the processor's time beside the clock's, which waits for the disk as well."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from assistant.chat.sessions import Chats
from assistant.engine.protocol import Sampling
from assistant.store.rows import Status
from tests.bench.figures import Table, median, percentile
from tests.fakes.stores import USAGE, long_conversation, opened

TEXT = "x" * 500
LONG = 10_000
CONVERSATIONS = 1_000
WRITES = 300


class Stopwatch:
    """Collects milliseconds by the clock and of the processor."""

    def __init__(self):
        self.clock = []
        self.processor = []

    def __call__(self, action):
        clock, processor = time.perf_counter(), time.process_time()
        result = action()
        self.processor.append((time.process_time() - processor) * 1e3)
        self.clock.append((time.perf_counter() - clock) * 1e3)
        return result


def disk(folder):
    """Milliseconds of one small write that reaches the disk, by the clock."""
    watch = Stopwatch()
    descriptor = os.open(folder / "probe", os.O_RDWR | os.O_CREAT)
    for _ in range(50):
        watch(lambda: (os.write(descriptor, b"x" * 4096), os.fsync(descriptor)))
    os.close(descriptor)
    return median(watch.clock)


def writes(table, store):
    ask, save, finish = Stopwatch(), Stopwatch(), Stopwatch()
    made = store.conversations.create("writes")
    parent = None
    for _ in range(WRITES):
        _question, answer = ask(lambda parent=parent: store.conversations.ask(made.id, TEXT, parent_id=parent))
        save(lambda answer=answer: store.conversations.save_text(answer.id, TEXT))
        finish(lambda answer=answer: store.conversations.finish(answer.id, TEXT, Status.COMPLETE, USAGE))
        parent = answer.id
    for name, watch in (("a question", ask), ("the text so far", save), ("the end of an answer", finish)):
        table.row(f"saving {name}: processor, median", median(watch.processor), "ms", 1)
        table.row(f"saving {name}: clock, median", median(watch.clock), "ms")
        table.row(f"saving {name}: clock, p95", percentile(watch.clock, 0.95), "ms")


class Listener:
    """A model that hears the questions and says nothing."""

    def __init__(self, context_length):
        self.context_length = context_length
        self.asked = 0

    def generate(self, turns, sampling, *, is_whole=True):
        self.asked += 1
        return self.asked

    def cancel(self, request):
        """Nothing runs."""


def sending(table, store, number):
    """What the main thread does between a question and the model, with a context of the usual and of great length."""
    for context_length in (8_192, 131_072):
        chats = Chats(
            store.conversations,
            Listener(context_length),
            sampling_for=lambda _conversation: Sampling(),
            system_prompt_for=lambda _conversation: "Be brief.",
            model_name=lambda: "small",
        )
        send = Stopwatch()
        for _ in range(20):
            send(lambda chats=chats: chats.send(number, TEXT))
        name = f"a question below {LONG:,}, context {context_length:,}: processor, median"
        table.row(name, median(send.processor), "ms", 10)
        chats.close()


def reads(table, store):
    number, ids = long_conversation(store, LONG, TEXT)
    branch, again, select, listing = Stopwatch(), Stopwatch(), Stopwatch(), Stopwatch()
    for _ in range(10):
        assert len(branch(lambda: store.conversations.branch(number))) == LONG
    sending(table, store, number)
    old = ids[LONG // 2 + 1]
    new = again(lambda: store.conversations.answer(old - 1)).id
    for turn in range(10):
        select(lambda turn=turn: store.conversations.select(old if turn % 2 else new))
    for title in range(CONVERSATIONS):
        store.conversations.create(f"Conversation {title}")
    for _ in range(20):
        listing(lambda: store.conversations.list())
    table.row(f"a conversation of {LONG:,} messages: processor, median", median(branch.processor), "ms", 120)
    table.row(f"another answer in the middle of {LONG:,}: processor", median(again.processor), "ms")
    table.row(f"stepping versions in the middle of {LONG:,}: processor, median", median(select.processor), "ms")
    table.row(f"a list of {CONVERSATIONS:,} conversations: processor, median", median(listing.processor), "ms", 40)


def main():
    """Run it; ``BENCH_FOLDER`` names another disk."""
    table = Table("Store")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        path = folder / "inkstone.db"
        table.row("one small write that reaches this disk: clock, median", disk(folder), "ms")
        with opened(path, "bench") as store:
            writes(table, store)
            reads(table, store)
        opening, checking = Stopwatch(), Stopwatch()
        for _ in range(10):
            opening(lambda: opened(path, "bench").__enter__().close())
        with opened(path, "bench") as store:
            for _ in range(5):
                assert checking(store.check) == ""
        table.row("opening and closing: processor, median", median(opening.processor), "ms")
        table.row(f"the check at {LONG:,} messages: clock, median", median(checking.clock), "ms")


if __name__ == "__main__":
    main()
