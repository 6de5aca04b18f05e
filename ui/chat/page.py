"""The chat page: shows one conversation and carries what the person does there to the assistant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.changes import ConversationAdded
from assistant.engine.state import EngineState, Phase
from assistant.i18n import _
from assistant.store.rows import Conversation, Message, Setup
from ui.chat.composer import Composer
from ui.chat.drafts import Drafts
from ui.chat.figures import context_words, measured
from ui.chat.follower import Follower
from ui.chat.header import Header
from ui.chat.inspector import Inspector
from ui.chat.message_commands import MessageCommands
from ui.chat.model_desk import ModelDesk
from ui.chat.model_words import progress_words
from ui.chat.notices import Notices
from ui.chat.stage import Stage
from ui.chat.transcript import ScrollState

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.app import Assistant
    from assistant.changes import Change
    from assistant.errors import AssistantError
    from ui.notify import Notifier
    from ui.theme.theme import Theme

_COLUMN = 744 + 2 * 24


@dataclass(frozen=True)
class _Read:
    """What is shown of a conversation. ``draft`` is ``None`` when it could not be read."""

    draft: str | None
    own: Conversation | Setup
    messages: list[Message]


class ChatPage(QWidget):
    """One conversation, or the one that does not exist yet.

    Signals: ``opened(object)`` with the id of the conversation now shown (``None`` for the new one),
    ``rate_measured(float)`` with tokens a second of the last answer shown, 0 when unknown, ``answering(bool)`` whether
    an answer is being written here.
    """

    opened = Signal(object)
    rate_measured = Signal(float)
    answering = Signal(bool)

    def __init__(self, theme: Theme, assistant: Assistant, notifier: Notifier) -> None:
        super().__init__()
        self.setObjectName("page")
        self._assistant = assistant
        self._notifier = notifier
        self._conversation_id: int | None = None
        self._context_length = 0
        self._places: dict[int, ScrollState] = {}
        self.header = Header(theme, assistant.models.all)
        self.notices = Notices(theme)
        self.notice = self.notices.passing
        self.stage = Stage(theme, self._problem_of)
        self.empty, self.transcript = self.stage.empty, self.stage.transcript
        self.follower = Follower(assistant, notifier, self.stage)
        self.messages = MessageCommands(theme, assistant, notifier, self.transcript)
        self.composer = Composer(theme)
        self.drafts = Drafts(assistant, self.composer)
        self.inspector = Inspector(theme)
        self.models = ModelDesk(theme, self, assistant, notifier, self.header.picker, self.notices)
        self._lay_out()
        self._connect_widgets()
        self._connect_changes()
        self.composer.set_ready(False)
        self.show_engine(assistant.engine.state)
        self.retranslate()

    @property
    def conversation_id(self) -> int | None:
        """The conversation that is shown."""
        return self._conversation_id

    # --- which conversation -----------------------------------------------------------------------------------------

    def start(self, last_id: int | None) -> None:
        """The store is open: show the conversation ``last_id``, or stay at the new one when something is meant for it.

        What is typed and set by then stays; the draft of the new conversation is put before it.
        """
        self.composer.set_ready(True)
        if self._conversation_id is not None:  # somebody was quicker than the start
            return
        self.inspector.flush()
        if last_id is not None and self.drafts.is_empty and self._show(last_id):
            return
        self._notifier.read(self.drafts.take_up)
        self._show(None, keeps_text=True)
        self.drafts.keep_soon()

    def open(self, conversation_id: int | None) -> None:
        """Show a conversation where one read it last, with its draft; ``None`` begins a new one.

        What is shown stays when the other cannot be read, or what is typed here cannot be kept.
        """
        if not self._assistant.is_store_open:
            return
        if not self.flush() and self.composer.text():
            self.opened.emit(self._conversation_id)
            return
        if self._conversation_id is not None:
            self._places[self._conversation_id] = self.transcript.scroll_state()
        self._show(conversation_id)

    def _show(self, conversation_id: int | None, *, keeps_text: bool = False) -> bool:
        """Show another conversation when all of it can be read; ``False``: what was shown stays, and it is said why."""
        read = self._read_new() if conversation_id is None else self._notifier.read(lambda: self._read(conversation_id))
        if read is None:
            self.opened.emit(self._conversation_id)
            return False
        self._conversation_id = conversation_id
        if not keeps_text:
            self.drafts.show(conversation_id, read.draft)
        self.follower.show(conversation_id, read.messages, self._places.get(conversation_id or 0, ScrollState()))
        self.inspector.show_settings(read.own.system_prompt, read.own.sampling, self._assistant.common_sampling())
        self._show_answering()
        self.opened.emit(conversation_id)
        return True

    def _read(self, conversation_id: int) -> _Read:
        """Read what is shown of a conversation, all of it before anything is changed. Raises StoreError."""
        conversations = self._assistant.conversations
        return _Read(
            conversations.draft(conversation_id),
            conversations.get(conversation_id),
            self._assistant.chats.branch(conversation_id),
        )

    def _read_new(self) -> _Read:
        """The same of the new one, which can always be shown: a draft that cannot be read is taken up later."""
        draft = self._notifier.read(lambda: self._assistant.conversations.draft(None))
        return _Read(draft, self._notifier.read(self.drafts.setup) or self.drafts.known_setup, [])

    def flush(self) -> bool:
        """Keep what is typed now: the draft and the system prompt. ``False`` when the world refused it, as is said."""
        self.inspector.flush()
        self.drafts.rest()
        if not self._assistant.is_store_open:
            return not self.composer.text()
        return self._notifier.perform(self.drafts.keep) is not None

    # --- what it shows ----------------------------------------------------------------------------------------------

    def show_engine(self, state: EngineState) -> None:
        """Show what the model is doing, in the header and in the message it works on."""
        model = self._assistant.models.used
        self.notices.follow_engine(state)
        if state.facts is not None:
            self._context_length = state.facts.context_length
        self.header.picker.set_state(state, model)
        self.empty.set_model(state, model)
        if self._conversation_id is None or not self._assistant.is_store_open:
            return
        message_id = self._assistant.chats.answering_message(self._conversation_id)
        if message_id is not None:
            self.transcript.set_progress(message_id, progress_words(state))
        if state.phase is Phase.READY:
            self.inspector.show_recommended(self._assistant.common_sampling())
            self._show_figures()

    def show_error(self, error: AssistantError) -> None:
        """Say what went wrong, until it is closed."""
        self.notices.show_error(error)

    def retranslate(self) -> None:
        """Show every sentence in the language in use."""
        for part in (self.header, self.notices, self.stage, self.composer, self.inspector):
            part.retranslate()
        self._show_title()
        self._show_figures()

    # --- commands of the window -------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop the answer that is being written here."""
        if self._conversation_id is not None:
            self._assistant.chats.stop(self._conversation_id)

    # --- wiring -----------------------------------------------------------------------------------------------------

    def _connect_widgets(self) -> None:
        self.composer.submitted.connect(self._on_submitted)
        self.composer.stop_requested.connect(self.stop)
        self.composer.edit_last_requested.connect(self.messages.edit_last_question)
        self.drafts.due.connect(self.flush)
        self.empty.example_chosen.connect(self.composer.offer_text)
        self.header.title.renamed.connect(self._on_renamed)
        self.header.title.done.connect(self.composer.setFocus)
        self.header.find_requested.connect(self.stage.begin_find)
        self.stage.find_closed.connect(self.composer.setFocus)
        self.messages.done.connect(self._show_answering)
        self.models.done.connect(self._show_answering)
        self.follower.refilled.connect(self._on_refilled)
        self.follower.answering_changed.connect(self._show_answering)
        self.follower.figures_changed.connect(self._show_figures)
        self.inspector.sampling_changed.connect(self._on_sampling)
        self.inspector.system_prompt_changed.connect(self._on_prompt)

    def _connect_changes(self) -> None:
        notifier = self._notifier
        notifier.conversation_changed.connect(self._on_conversation_changed)
        notifier.conversation_removed.connect(self._on_conversation_removed)
        notifier.engine_changed.connect(self.show_engine)
        notifier.noticed.connect(self.show_error)

    # --- what the person does ---------------------------------------------------------------------------------------

    def _on_submitted(self, text: str) -> None:
        target = self._conversation_id
        self.inspector.flush()
        changes = self._notifier.perform(lambda: self._send(text))
        if changes is None:
            return
        self.drafts.rest()
        self.composer.set_text("")
        for change in changes:
            if isinstance(change, ConversationAdded):
                self.drafts.begin_anew()
                self.open(change.conversation_id)
        self._notifier.perform(lambda: self.drafts.forget(target))
        self._show_answering()
        self.transcript.scroll_to_end()

    def _send(self, text: str) -> list[Change]:
        chats, target = self._assistant.chats, self._conversation_id
        if target is None:
            setup = self.drafts.setup()
            return chats.send(None, text, system_prompt=setup.system_prompt, sampling=setup.sampling)
        return chats.send(target, text)

    def _on_renamed(self, title: str) -> None:
        conversation_id = self._conversation_id
        if conversation_id is not None:
            self._perform(lambda: self._assistant.conversations.rename(conversation_id, title))

    def _on_sampling(self, own: dict[str, float]) -> None:
        self._configure(sampling=own)

    def _on_prompt(self, text: str) -> None:
        self._configure(system_prompt=text)

    def _configure(self, *, system_prompt: str | None = None, sampling: dict[str, float] | None = None) -> None:
        """Keep a setting of the conversation; of one that does not exist yet beside its draft."""
        conversation_id = self._conversation_id
        if conversation_id is None:
            self.drafts.set_up(system_prompt=system_prompt, sampling=sampling)
            if self._assistant.is_store_open:
                self._notifier.perform(self.drafts.keep)
            return
        configure = self._assistant.conversations.configure
        self._perform(lambda: configure(conversation_id, system_prompt=system_prompt, sampling=sampling))

    def _perform(self, action: Callable[[], list[Change]]) -> None:
        self._notifier.perform(action)
        self._show_answering()

    # --- what changed -----------------------------------------------------------------------------------------------

    def _on_conversation_changed(self, conversation_id: int) -> None:
        if conversation_id == self._conversation_id:
            self._show_title()

    def _on_conversation_removed(self, conversation_id: int) -> None:
        if conversation_id == self._conversation_id:
            self.open(None)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _problem_of(self, message: Message) -> tuple[str, str] | None:
        error = self._assistant.chats.error(message)
        return (error.message, error.hint) if error else None

    def _on_refilled(self) -> None:
        self.header.offer_find(self._conversation_id is not None)
        self._show_title()
        self._show_figures()

    def _show_title(self) -> None:
        conversation_id = self._conversation_id
        if not self._assistant.is_store_open:
            self.header.title.set_title("", can_edit=False)
        elif conversation_id is None:
            self.header.title.set_title(_("New conversation"), can_edit=False)
        elif shown := self._notifier.read(lambda: self._assistant.conversations.get(conversation_id)):
            self.header.title.set_title(shown.title, can_edit=True)

    def _show_answering(self) -> None:
        is_open = self._assistant.is_store_open and self._conversation_id is not None
        is_answering = is_open and self._assistant.chats.is_answering(self._conversation_id)
        self.composer.set_answering(is_answering)
        self.answering.emit(is_answering)

    def _show_figures(self) -> None:
        use, rate = measured(self.transcript.rows.messages, self._context_length)
        self.inspector.show_use(use)
        self.composer.set_figure(context_words(use.used, use.total) if use.is_measured else "")
        self.rate_measured.emit(rate)

    def _lay_out(self) -> None:
        self.composer.setMaximumWidth(_COLUMN)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 0, 12, 4)
        foot.addStretch(1)
        foot.addWidget(self.composer, 1000)
        foot.addStretch(1)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.notices)
        column.addWidget(self.stage, 1)
        column.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(column, 1)
        layout.addWidget(self.inspector)
