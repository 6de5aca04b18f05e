"""A thousand questions in one process, weighed on the way: ``python -m tests.fakes.soak QUESTIONS WARM_UP [window]``.

Through the assistant, or with ``window`` through the real window. At the end one JSON object: what the process held
after the warm-up (``warm``), after the last question (``last``), and when all was closed (``closed``).
"""

from __future__ import annotations

import gc
import json
import sys
import threading

import psutil

from tests.fakes.scripted_worker import COMMAND

KINDS = ("long 20", "how are you today", "markdown", "paced 5", "and what else is there to say")
CRASH_EVERY = 50
BLOCK = 40
"""Questions in a row in one conversation; after four such the next go to the one that grows long."""


def plan(count):
    """Yield each question with the name of its conversation: four fifths in new ones, the rest in ``long``."""
    for number in range(count):
        block = number // BLOCK
        is_crash = number % CRASH_EVERY == CRASH_EVERY // 2
        yield "long" if block % 5 == 4 else block, "crash" if is_crash else KINDS[number % len(KINDS)]


def weigh():
    """Return what this process holds now."""
    gc.collect()
    me = psutil.Process()
    return {
        "rss_bytes": me.memory_info().rss,
        "handles": me.num_fds(),
        "threads": me.num_threads(),
        "python_threads": threading.active_count(),
        "processes": len(me.children(recursive=True)),
    }


class Scales:
    """Weighs after the warm-up and after the last question."""

    def __init__(self, count, warm_up):
        self.count = count
        self.warm_up = warm_up
        self.answered = 0
        self.weights = {}

    def step(self):
        """Count an answer; say whether it was the last."""
        self.answered += 1
        if self.answered == self.warm_up:
            self.weights["warm"] = weigh()
        if self.answered == self.count:
            self.weights["last"] = weigh()
        return self.answered == self.count


def soak_assistant(scales):
    """Ask one after the other, as the terminal does."""
    from assistant.app import Assistant
    from assistant.paths import Paths

    assistant = Assistant(Paths.find(), engine_command=COMMAND)
    assistant.open()
    assistant.open_store()
    assistant.models.use_default()
    conversations = {}
    for name, text in plan(scales.count):
        changes = assistant.chats.send(conversations.get(name), text)
        conversations[name] = changes[0].conversation_id
        while assistant.chats.has_unsaved:
            assistant.mailbox.wait(1)
            assistant.pump()
        scales.step()
    assistant.close()


def soak_window(scales):
    """Type one after the other into the window, and close it after the last answer."""
    from tests.fakes.attended_window import run
    from tests.fakes.soaking import Patient

    run(lambda application: Patient(application, plan(scales.count), scales.step), COMMAND)


def main():
    count, warm_up, *where = sys.argv[1:]
    scales = Scales(int(count), int(warm_up))
    soak = soak_window if where else soak_assistant
    soak(scales)
    print(json.dumps(scales.weights | {"closed": weigh(), "answered": scales.answered}))


if __name__ == "__main__":
    main()
