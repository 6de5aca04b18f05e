"""The chats: asking, stopping, asking again, and the answers that are on their way.

Main thread only. Every action stores first and starts the engine after, so that a crash between the two leaves a
question without an answer and never the other way round.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.changes import (
    BranchChanged,
    Change,
    ConversationAdded,
    ConversationChanged,
    MessageAdded,
    MessageChanged,
    Notice,
)
from assistant.chat.answer import Answer
from assistant.chat.context_plan import CHARACTERS_A_TOKEN, turns_of
from assistant.chat.title import title_of
from assistant.engine.failures import error_of, failure_of
from assistant.engine.protocol import Failed, NeedsWhole, Sampling, Turn
from assistant.engine.protocol import Message as EngineMessage
from assistant.engine.reasons import Reason
from assistant.errors import AssistantError, ConversationNotFound, EngineError, GenerationFailed, StoreError
from assistant.store.conversations import Conversations
from assistant.store.rows import Conversation, Message, Role, Said, Status

log = logging.getLogger(__name__)


class Writer(Protocol):
    """What writes the answers: the engine, as far as a chat needs it."""

    @property
    def context_length(self) -> int:
        """How many tokens it can see, as far as is known."""
        ...

    def generate(self, turns: Sequence[Turn], sampling: Sampling, *, is_whole: bool = True) -> int:
        """Queue a generation; returns its request number. Raises EngineError when there is nothing to do it.

        ``is_whole`` false: ``turns`` are the end of more, and ``NeedsWhole`` comes should there be room for it.
        """
        ...

    def cancel(self, request: int) -> None:
        """End that request soon."""
        ...


class Chats:
    """All running answers of this process, and the actions that begin and end them.

    ``sampling_for`` and ``system_prompt_for`` give what holds for a conversation, ``model_name`` what answers are
    signed with.
    """

    def __init__(
        self,
        conversations: Conversations,
        writer: Writer,
        *,
        sampling_for: Callable[[Conversation], Sampling],
        system_prompt_for: Callable[[Conversation], str],
        model_name: Callable[[], str],
    ) -> None:
        self._conversations = conversations
        self._writer = writer
        self._sampling_for = sampling_for
        self._system_prompt_for = system_prompt_for
        self._model_name = model_name
        self._answers: dict[int, Answer] = {}
        self._complained = False

    # --- asking -----------------------------------------------------------------------------------------------------

    def send(
        self,
        conversation_id: int | None,
        text: str,
        *,
        system_prompt: str = "",
        sampling: Mapping[str, float] | None = None,
    ) -> list[Change]:
        """Ask ``text`` at the end of a conversation, or in a new one when ``conversation_id`` is ``None``.

        ``system_prompt`` and ``sampling`` are the new one's own. Raises StoreError when it cannot be saved; nothing is
        changed then.
        """
        if conversation_id is not None:
            conversation = self._conversations.get(conversation_id)
            return self._ask(conversation, text, conversation.leaf_id)
        conversation, question, answer = self._conversations.start(
            text,
            title=title_of(text),
            model=self._model_name(),
            system_prompt=system_prompt,
            sampling=sampling,
        )
        return [
            ConversationAdded(conversation.id),
            MessageAdded(conversation.id, question.id),
            MessageAdded(conversation.id, answer.id),
            *self._generate(conversation.id, answer.id, ""),
        ]

    def edit(self, message_id: int, text: str) -> list[Change]:
        """Put another version beside a message: of a question with a new answer, of an answer as it is given."""
        old = self._conversations.message(message_id)
        conversation = self._conversations.get(old.conversation_id)
        self.stop(conversation.id)
        if old.role is Role.USER:
            return [*self._ask(conversation, text, old.parent_id), BranchChanged(conversation.id)]
        self._conversations.answer(_parent(old), model=old.model, content=text, status=Status.COMPLETE)
        return [BranchChanged(conversation.id), ConversationChanged(conversation.id)]

    def again(self, message_id: int) -> list[Change]:
        """Write another answer beside ``message_id``; the old one stays as a version."""
        old = self._conversations.message(message_id)
        self.stop(old.conversation_id)
        return self._begin(self._conversations.answer(_parent(old), model=self._model_name()))

    def go_on(self, message_id: int) -> list[Change]:
        """Continue a cut answer as a new version that begins with its text."""
        old = self._conversations.message(message_id)
        if not old.content:
            return self.again(message_id)
        return self._begin(self._conversations.answer(_parent(old), model=self._model_name(), content=old.content))

    def retry(self, message_id: int) -> list[Change]:
        """Try a failed answer again: in its own place when nothing had come yet, else as a new version."""
        old = self._conversations.message(message_id)
        if old.content:
            return self.again(message_id)
        return self._begin(self._conversations.resume(message_id))

    def step_version(self, message_id: int, step: int) -> list[Change]:
        """Show the version ``step`` places further on among the siblings of ``message_id``; none beyond the ends."""
        message = self._conversations.message(message_id)
        siblings = self._conversations.versions(message_id)
        place = [sibling.id for sibling in siblings].index(message.id) + step
        if step == 0 or not 0 <= place < len(siblings):
            return []
        self._conversations.select(siblings[place].id)
        return [BranchChanged(message.conversation_id)]

    # --- stopping ---------------------------------------------------------------------------------------------------

    def stop(self, conversation_id: int) -> None:
        """End the answers being written in a conversation; their text stays, and ``apply`` reports the end."""
        for answer in self._of(conversation_id):
            answer.is_stopping = True
            self._writer.cancel(answer.request)

    def is_answering(self, conversation_id: int | None = None) -> bool:
        """Whether an answer is on its way in this conversation, or in any when ``None``."""
        return any(True for _answer in self._of(conversation_id))

    @property
    def has_unsaved(self) -> bool:
        """Whether an answer is on its way, or one that ended still waits to be saved."""
        return bool(self._answers)

    # --- reading ----------------------------------------------------------------------------------------------------

    def branch(self, conversation_id: int) -> list[Message]:
        """The visible messages of a conversation, root first, running answers with their text so far."""
        return [self._with_news(message) for message in self._conversations.branch(conversation_id)]

    def message(self, message_id: int) -> Message:
        """One message, with its text so far when it is being written. Raises MessageNotFound."""
        return self._with_news(self._conversations.message(message_id))

    def error(self, message: Message) -> AssistantError | None:
        """Why a message failed, with its sentence and hint; ``None`` when it did not."""
        if message.status is not Status.FAILED or not message.error_kind:
            return None
        return error_of(Failed(0, message.error_kind, dict(message.error_values)))

    def answering_message(self, conversation_id: int) -> int | None:
        """The id of the message being written in a conversation."""
        return next((answer.message_id for answer in self._of(conversation_id)), None)

    # --- events -----------------------------------------------------------------------------------------------------

    def apply(self, message: EngineMessage) -> list[Change]:
        """Take in an event of the engine; returns what is different."""
        answer = self._answers.get(message.request)
        if answer is None:
            return []
        if isinstance(message, NeedsWhole):  # the branch fits, though its end alone seemed too long
            del self._answers[message.request]
            return self._generate(answer.conversation_id, answer.message_id, answer.text, sys.maxsize)
        changes = answer.apply(message)
        if answer.is_over:
            changes += self._save_end(answer)
        return changes

    def save_due(self) -> list[Change]:
        """Save what has waited long enough; to be called every ``LOOK_EVERY_S`` while an answer is written."""
        changes: list[Change] = []
        for answer in list(self._answers.values()):
            if answer.is_over and answer.is_due:
                changes += self._save_end(answer)
            elif answer.wants_saving:
                changes += self._save_text(answer)
        return changes

    def close(self) -> list[Change]:
        """Save every answer as it is, marked as interrupted; for quitting."""
        changes: list[Change] = []
        for answer in list(self._answers.values()):
            if not answer.is_over:
                answer.status = Status.STOPPED if answer.is_stopping else Status.INTERRUPTED
            changes += self._save_end(answer)
        return changes

    # --- inside -----------------------------------------------------------------------------------------------------

    def _with_news(self, message: Message) -> Message:
        for answer in self._answers.values():
            if answer.message_id == message.id:
                return replace(
                    message,
                    content=answer.text,
                    status=answer.status,
                    usage=answer.usage,
                    error_kind=answer.error_kind,
                    error_values=answer.error_values,
                )
        return message

    def _as_it_is_now(self, tail: list[Said]) -> list[Said]:
        """Return ``tail`` with what running answers have written since they were saved."""
        news = {answer.message_id: answer.text for answer in self._answers.values()}
        return [replace(said, content=news[said.id]) if said.id in news else said for said in tail]

    def _of(self, conversation_id: int | None) -> Iterator[Answer]:
        for answer in list(self._answers.values()):
            if not answer.is_over and conversation_id in (None, answer.conversation_id):
                yield answer

    def _ask(self, conversation: Conversation, text: str, parent_id: int | None) -> list[Change]:
        self.stop(conversation.id)
        question, answer = self._conversations.ask(conversation.id, text, parent_id=parent_id, model=self._model_name())
        changes: list[Change] = [MessageAdded(conversation.id, question.id), MessageAdded(conversation.id, answer.id)]
        changes += self._generate(conversation.id, answer.id, "")
        return [*changes, *self._name(conversation, text), ConversationChanged(conversation.id)]

    def _name(self, conversation: Conversation, question: str) -> list[Change]:
        """Give a conversation without a title one; the next question will do as well where that cannot be saved."""
        if not conversation.title:
            try:
                self._conversations.rename(conversation.id, title_of(question), is_named=False)
            except StoreError as error:
                return [Notice(error)]
        return []

    def _begin(self, message: Message) -> list[Change]:
        changes: list[Change] = [BranchChanged(message.conversation_id)]
        changes += self._generate(message.conversation_id, message.id, message.content)
        return [*changes, ConversationChanged(message.conversation_id)]

    def _generate(
        self, conversation_id: int, message_id: int, text: str, characters: int | None = None
    ) -> list[Change]:
        """Have a message written that begins with ``text``; of what comes before it only so much is read as can matter.

        Its question is saved by now: whatever goes wrong becomes this answer's end.
        """
        most = characters or self._writer.context_length * CHARACTERS_A_TOKEN
        try:
            conversation = self._conversations.get(conversation_id)
            tail, is_whole = self._conversations.tail(message_id, most)
            turns = turns_of(self._system_prompt_for(conversation), self._as_it_is_now(tail))
            request = self._writer.generate(turns, self._sampling_for(conversation), is_whole=is_whole)
        except StoreError as error:
            log.info("a branch could not be read: %s", error.kind)
            failed = failure_of(-message_id, GenerationFailed(reason=Reason.NOT_READ()))
        except EngineError as error:
            failed = failure_of(-message_id, error)
        else:
            self._answers[request] = Answer(conversation_id, message_id, request, text=text)
            return [MessageChanged(conversation_id, message_id)]
        self._answers[failed.request] = answer = Answer(conversation_id, message_id, failed.request, text=text)
        return answer.apply(failed) + self._save_end(answer)

    def _save_text(self, answer: Answer) -> list[Change]:
        try:
            self._conversations.save_text(answer.message_id, answer.text)
        except StoreError as error:
            return self._complain(answer, error)
        answer.saved()
        self._complained = False
        return []

    def _save_end(self, answer: Answer) -> list[Change]:
        try:
            self._conversations.finish(
                answer.message_id,
                answer.text,
                answer.status,
                answer.usage,
                error_kind=answer.error_kind,
                error_values=answer.error_values,
            )
        except StoreError as error:
            return self._complain(answer, error)
        del self._answers[answer.request]
        self._complained = False
        changed = MessageChanged(answer.conversation_id, answer.message_id)
        return [changed, *self._listed(answer.conversation_id)]

    def _listed(self, conversation_id: int) -> list[Change]:
        """Report a conversation as changed unless it went to the trash meanwhile."""
        try:
            self._conversations.get(conversation_id)
        except ConversationNotFound:
            return []
        except StoreError as error:
            log.info("a conversation could not be read: %s", error.kind)
        return [ConversationChanged(conversation_id)]

    def _complain(self, answer: Answer, error: StoreError) -> list[Change]:
        """Keep the text in memory and try again in a second; say so once."""
        answer.not_saved()
        if self._complained:
            return []
        self._complained = True
        log.info("an answer could not be saved: %s", error.kind)
        return [Notice(error)]


def _parent(message: Message) -> int:
    if message.parent_id is None:
        raise ValueError(f"message {message.id} has no question")
    return message.parent_id
