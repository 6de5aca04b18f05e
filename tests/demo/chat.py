"""Conversations with the starter model."""

import os

from assistant.engine.state import Phase
from tests.demo.stage import Stage

QUESTIONS = (
    "Why is the sky blue?",
    "Write a Python function that says whether a number is prime, and explain it.",
)
LONG_TITLE = "A title that is far longer than any header could ever show without giving up in the middle"


class Chat(Stage):
    """Asks, changes looks, and has things go wrong."""

    def ask(self, text):
        """Ask and wait for the answer."""
        self.window.page.composer.offer_text(text)
        self.window.page.composer.submitted.emit(text)
        self.until(lambda: not self.assistant.chats.is_answering())

    def run(self):
        """Go through the features."""
        self.until(lambda: self.assistant.engine.state.phase is Phase.READY)
        self.window.show_chat()
        self.set("sampling.seed", 7)
        self.set("sampling.temperature", 0.3)
        self.set("sampling.max_tokens", 320)
        self.save("empty_light")
        for question in QUESTIONS:
            self.ask(question)
        self.window.show_inspector(True)
        self.save("chat_light")
        self.set("appearance.theme", "dark")
        self.save("chat_dark")
        self.set("appearance.language", "zh_CN")
        self.save("chinese_dark")
        self.set("appearance.theme", "light")
        self.save("chinese_light")
        self.set("appearance.language", "en")
        self.long_title()
        self.error()

    def long_title(self):
        """A title that does not fit."""
        conversation = self.window.page.conversation_id
        self.application.notifier.perform(lambda: self.assistant.conversations.rename(conversation, LONG_TITLE))
        self.save("long_title_light")

    def error(self):
        """The model's process dies in the middle of an answer, and a file is no model."""
        self.window.page.composer.submitted.emit("Tell me a long story about a lighthouse.")
        self.until(lambda: self.assistant.engine.state.phase is Phase.WRITING)
        os.kill(self.assistant.engine.worker_pid, 9)
        self.until(lambda: not self.assistant.chats.is_answering())
        wrong = self.assistant.paths.data / "holiday.gguf"
        wrong.write_text("a letter, not a model", encoding="utf-8")
        self.window.page.header.picker.model_chosen.emit(str(wrong))
        self.save("error_light")
        self.set("appearance.theme", "dark")
        self.save("error_dark")
