"""``inkstone chat``: one question and its answer, or a conversation line by line."""

from __future__ import annotations

import argparse
import sys

from assistant.app import Assistant
from assistant.changes import (
    Change,
    ConversationAdded,
    EngineChanged,
    LoadSteppedDown,
    MessageAdded,
    MessageText,
    Notice,
)
from assistant.chat.answer import LOOK_EVERY_S
from assistant.cli.opened import opened
from assistant.cli.output import Output
from assistant.engine.state import EngineState, Phase
from assistant.errors import AssistantError, NoModel
from assistant.i18n import _
from assistant.paths import Paths
from assistant.store.rows import Message, Role


def chat(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Answer ``options.text``, or chat until end of input. Raises AssistantError; Ctrl+C keeps the text so far."""
    text = sys.stdin.read() if options.text == "-" else options.text
    with opened(paths, output, is_saved=not options.no_save) as assistant:
        talk = Talk(assistant, options, output)
        if text is not None:
            talk.ask(text)
        else:
            talk.converse()


class Talk:
    """One conversation in a terminal."""

    def __init__(self, assistant: Assistant, options: argparse.Namespace, output: Output) -> None:
        """Check the conversation and load the model. Raises ConversationNotFound, ModelError or NoModel."""
        self._assistant = assistant
        self._options = options
        self._output = output
        self._conversation_id: int | None = options.conversation
        self._shown = 0
        if self._conversation_id is not None:
            assistant.conversations.get(self._conversation_id)
        models = assistant.models
        changes = (
            models.use(options.model, remember=False, anyway=options.anyway) if options.model else models.use_default()
        )
        self._notice(changes)
        if assistant.models.used is None:
            raise NoModel

    def ask(self, text: str) -> None:
        """Send ``text``, print the answer as it comes, and end with the ``done`` line. Raises what went wrong."""
        changes = self._send(text)
        answer_id = next(change.message_id for change in reversed(changes) if isinstance(change, MessageAdded))
        self._shown = 0
        self._follow(answer_id, changes)

    def converse(self) -> None:
        """Read questions until end of input or ``/quit``; Ctrl+C stops an answer."""
        self._output.remark(_("Ask something. /again for another answer, /new for a new conversation, /quit to end."))
        while (line := self._read_line()) is not None:
            try:
                self._obey(line)
            except AssistantError as error:
                self._output.error(error)
            except KeyboardInterrupt:
                self._output.text("")

    # --- inside -----------------------------------------------------------------------------------------------------

    def _read_line(self) -> str | None:
        try:
            line = input("> " if sys.stdin.isatty() and not self._output.is_json else "").strip()
        except EOFError:
            return None
        return None if line in ("/quit", "/exit") else line

    def _obey(self, line: str) -> None:
        if line == "/new":
            self._conversation_id = None
        elif line == "/again":
            self._again()
        elif line:
            self.ask(line)

    def _again(self) -> None:
        if self._conversation_id is None:
            return
        last = self._assistant.chats.branch(self._conversation_id)[-1]
        if last.role is not Role.ASSISTANT:
            return
        changes = self._assistant.chats.again(last.id)
        answer_id = self._assistant.chats.answering_message(self._conversation_id)
        assert answer_id is not None
        self._shown = 0
        self._follow(answer_id, changes)

    def _send(self, text: str) -> list[Change]:
        options, assistant = self._options, self._assistant
        chosen = {"seed": options.seed, "temperature": options.temperature, "max_tokens": options.max_tokens}
        assistant.overrides = {name: value for name, value in chosen.items() if value is not None}
        assistant.system_override = options.system
        changes = assistant.chats.send(self._conversation_id, text, system_prompt=options.system or "")
        for change in changes:
            if isinstance(change, ConversationAdded):
                self._conversation_id = change.conversation_id
        return changes

    def _follow(self, message_id: int, changes: list[Change]) -> None:
        """Print what comes until the answer is over."""
        assistant, conversation_id = self._assistant, self._conversation_id
        assert conversation_id is not None
        try:
            self._show(changes, message_id)
            self._show_until_over(conversation_id, message_id)
        except KeyboardInterrupt:
            assistant.chats.stop(conversation_id)
            self._show_until_over(conversation_id, message_id)
            self._output.clear_progress()
            raise
        self._end(assistant.chats.message(message_id))

    def _show_until_over(self, conversation_id: int, message_id: int) -> None:
        while self._assistant.chats.is_answering(conversation_id):
            self._assistant.mailbox.wait(LOOK_EVERY_S)
            self._show(self._assistant.pump(), message_id)

    def _show(self, changes: list[Change], message_id: int) -> None:
        for change in changes:
            if isinstance(change, MessageText) and change.message_id == message_id:
                self._print(change.text[self._shown :])
                self._shown = len(change.text)
            elif isinstance(change, EngineChanged):
                self._show_state(change.state)
        self._notice(changes)

    def _print(self, text: str) -> None:
        self._output.clear_progress()
        self._output.text(text, end="")
        self._output.object("token", text=text)

    def _show_state(self, state: EngineState) -> None:
        if state.phase is Phase.LOADING:
            self._output.progress(_("Loading the model … {percent} %").format(percent=state.done // 10))
        elif state.phase is Phase.READING and state.total:
            self._output.progress(_("Reading … {done} of {total} tokens").format(done=state.done, total=state.total))

    def _notice(self, changes: list[Change]) -> None:
        for change in changes:
            if isinstance(change, Notice):
                self._output.remark(change.error.message)
            elif isinstance(change, LoadSteppedDown):
                self._output.remark(change.message)

    def _end(self, message: Message) -> None:
        self._output.clear_progress()
        error = self._assistant.chats.error(message)
        if error:
            raise error
        if message.content:
            self._output.text("")
        usage = message.usage
        self._output.object(
            "done",
            conversation_id=None if self._options.no_save else message.conversation_id,
            message_id=None if self._options.no_save else message.id,
            text=message.content,
            finish_reason=usage.finish_reason,
            prompt_tokens=usage.prompt_tokens,
            reused_tokens=usage.reused_tokens,
            completion_tokens=usage.completion_tokens,
            prompt_ms=usage.prompt_ms,
            duration_ms=usage.duration_ms,
            model=message.model,
        )
