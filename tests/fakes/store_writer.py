"""A process that asks and answers without end, and says on stdout what it was told is saved.

Run as ``python -m tests.fakes.store_writer DATABASE RUN_ID [ROUNDS]``. Each line: ``ID TEXT`` once the message has been
saved with that text. With ROUNDS it ends as a program should; without it goes on until it is killed.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

from assistant.store.rows import Status, Usage
from assistant.store.store import Store


def tell(message_id, text):
    os.write(1, f"{message_id} {text}\n".encode())


def talk(store, conversation_id, number, parent_id):
    """One question and its answer, saved piece by piece; returns the answer's id."""
    conversations = store.conversations
    question, answer = conversations.ask(conversation_id, f"question-{number}", parent_id=parent_id)
    tell(question.id, f"question-{number}")
    text = ""
    for piece in range(4):
        text += f"piece-{piece}-" + "x" * 500
        conversations.save_text(answer.id, text)
        tell(answer.id, text)
    conversations.finish(answer.id, text + "end", Status.COMPLETE, Usage("stop", 1, 2, 3, 4.0, 5.0))
    tell(answer.id, text + "end")
    store.drafts.set(conversation_id, text)
    return answer.id


def main():
    path, run_id, *rounds = sys.argv[1:]
    store = Store.open(Path(path), run_id)
    conversation_id = store.conversations.create(run_id).id
    tell(0, "open")
    parent_id = None
    for number in itertools.count() if not rounds else range(int(rounds[0])):
        parent_id = talk(store, conversation_id, number, parent_id)
        if number % 10 == 9:  # edit the first question now and then
            parent_id = None
    store.close()


if __name__ == "__main__":
    main()
