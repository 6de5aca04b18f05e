"""The whole program without a window: opens everything in order, applies what happens, closes in the other order."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import i18n, log
from assistant.changes import (
    Change,
    ConversationChanged,
    EngineChanged,
    MessageChanged,
    MessageText,
    Notice,
    SettingChanged,
    StoreOpened,
)
from assistant.chat.context_plan import sampling_of
from assistant.engine.engine import Engine, EngineEvent
from assistant.engine.protocol import Sampling
from assistant.errors import AssistantError, DatabaseDamaged, StoreError
from assistant.mailbox import Mailbox
from assistant.model_choice import ModelChoice
from assistant.models.elsewhere import elsewhere
from assistant.paths import Paths
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.chat.organize import Organizer
    from assistant.chat.sessions import Chats
    from assistant.ledger import Ledger
    from assistant.market import Market
    from assistant.market.opening import Opened
    from assistant.store.rows import Conversation
    from assistant.store.store import Store

_log = logging.getLogger(__name__)


class Assistant:
    """Everything the program knows and can do, on the main thread.

    ``open`` gives settings, log and an engine; ``open_store`` adds what needs the database and must come before
    ``chats`` and ``conversations`` are used (a window paints in between), ``open_market`` what needs the network.
    ``pump`` is to be called when the mailbox is filled, and once a second while an answer is written. Every action
    returns the changes it made.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        engine_command: Sequence[str] | None = None,
        database: Path | None = None,
        patience_s: float = 5.0,
    ) -> None:
        """Open nothing yet. ``engine_command`` replaces the worker, ``database`` the file: both for special runs.

        ``patience_s`` is how long an action may wait for another program that holds the database.
        """
        self.paths = paths
        self.mailbox = Mailbox()
        self._engine_command = engine_command
        self._patience_s = patience_s
        self._database = database or paths.database
        self._store: Store | None = None
        self._chats: Chats | None = None
        self._organizer: Organizer | None = None
        self._checker: threading.Thread | None = None
        self._opened: Opened | None = None
        self._untold: list[Change] = []
        self._is_window = False
        self.overrides: Mapping[str, float] = {}
        """Sampling values above all others, for a command that sets them."""
        self.system_override: str | None = None
        """A system prompt above the conversation's own."""

    # --- opening and closing ----------------------------------------------------------------------------------------

    def open(self, *, is_window: bool = False) -> list[Change]:
        """Make the folders, start the log, read the settings, choose the language.

        A settings file that cannot be read is set aside and reported as a ``Notice``. Raises FolderUnusable.

        A window's main thread may not wait: with ``is_window`` a task looks for what other programs hold, once the
        market is open; else it is looked for whenever somebody asks for the models.
        """
        self.paths.make()
        log.start(self.paths)
        self.settings = Settings.load(self.paths.settings)
        i18n.use_language(str(self.settings.get("appearance.language")))
        self.engine = Engine(self.mailbox, log_folder=self.paths.logs, command=self._engine_command)
        self.models = ModelChoice(self.paths, self.settings, self.engine)
        self._is_window = is_window
        if is_window:
            elsewhere(self.paths).only_keep()
        return [Notice(self.settings.problem)] if self.settings.problem else []

    def open_store(self) -> list[Change]:
        """Open the database, bring it up to date, mark what a dead run left behind. Imports SQLAlchemy.

        Raises StoreError; the program can go on without a store and call this again.
        """
        from assistant.chat.organize import Organizer
        from assistant.chat.sessions import Chats
        from assistant.store.store import Store

        store = Store.open(self._database, run_id=uuid.uuid4().hex, busy_timeout_s=self._patience_s)
        try:
            repaired, is_check_due = store.repair(), store.is_check_due
        except StoreError:
            store.close()
            raise
        self._store = store
        self._chats = Chats(
            store.conversations,
            self.models,
            sampling_for=self.sampling_for,
            system_prompt_for=self.system_prompt_for,
            model_name=lambda: self.models.name,
        )
        self._organizer = Organizer(store, self._chats)
        if is_check_due:
            self._checker = threading.Thread(target=self._check_store, args=(store,), name="check-store")
            self._checker.start()
        return [StoreOpened(repaired)]

    def open_market(self, *, resumes: bool = True) -> list[Change]:
        """Open the counter where models come from; with ``resumes`` downloads of former runs are taken up.

        Nothing goes over the network before somebody asks for something. Harmless when it is open. Raises what taking
        them up meets (FolderNotWritable); then it is not open and can be opened again.
        """
        from assistant.market.opening import Opened

        if self._opened:
            return []
        opened = Opened(self.paths, self.settings, self.mailbox, self.engine, self.models, self._shared_sampling)
        self._opened = opened  # before anything begins: what it tells at once is for it
        try:
            changes = opened.downloads.open() if resumes else []
        except AssistantError:
            self._opened = None
            opened.close()
            raise
        if self._is_window:
            opened.market.intake.look_around()
        return changes

    def _check_store(self, store: Store) -> None:
        """Read the whole database, in a thread, and post what came of it."""
        try:
            self.mailbox.post(StoreChecked(store.check()))
        except StoreError as error:
            self.mailbox.post(StoreChecked(error.message))

    def close(self) -> None:
        """Stop and save the answers, end the worker, close the database and the log. Safe to call twice."""
        if self._chats:
            self._chats.close()
        if self._opened:
            self._opened.close()
        self.engine.close()
        if self._checker:
            self._checker.join()
        self.mailbox.close()
        if self._store:
            self._store.close()
        self._store = self._chats = self._organizer = self._opened = None
        log.stop()

    # --- what there is ----------------------------------------------------------------------------------------------

    @property
    def is_store_open(self) -> bool:
        """Whether ``chats`` and ``conversations`` can be used."""
        return self._store is not None

    @property
    def chats(self) -> Chats:
        """Asking and answering. Only after ``open_store``."""
        assert self._chats, "open_store comes first"
        return self._chats

    @property
    def conversations(self) -> Organizer:
        """The list of conversations. Only after ``open_store``."""
        assert self._organizer, "open_store comes first"
        return self._organizer

    @property
    def is_market_open(self) -> bool:
        """Whether ``market`` and ``ledger`` can be used."""
        return self._opened is not None

    @property
    def market(self) -> Market:
        """Finding, judging, downloading and keeping models. Only after ``open_market``."""
        assert self._opened, "open_market comes first"
        return self._opened.market

    @property
    def ledger(self) -> Ledger:
        """What went over the network. Only after ``open_market``."""
        assert self._opened, "open_market comes first"
        return self._opened.ledger

    def sampling_for(self, conversation: Conversation) -> Sampling:
        """What holds for a conversation: the later of model, settings, settings of the model, and its own."""
        layers = (self.settings.sampling(), self.models.sampling, conversation.sampling, self.overrides)
        return sampling_of(*layers, recommended=self._recommended_sampling)

    @property
    def _recommended_sampling(self) -> Sampling:
        """What the loaded model asks for, or the defaults."""
        facts = self.engine.state.facts
        return facts.recommended if facts else Sampling()

    def common_sampling(self) -> Sampling:
        """What holds for a conversation that sets nothing of its own."""
        return sampling_of(self.settings.sampling(), self.models.sampling, recommended=self._recommended_sampling)

    def _shared_sampling(self) -> Sampling:
        """What holds for a model that has nothing set for it."""
        return sampling_of(self.settings.sampling(), recommended=self._recommended_sampling)

    def system_prompt_for(self, conversation: Conversation) -> str:
        """The conversation's own system prompt, or the one set for the model, or that of the settings."""
        if self.system_override is not None:
            return self.system_override
        common = self.models.system_prompt or self.settings.get("chat.system_prompt", str)
        return conversation.system_prompt or common

    # --- what happens -----------------------------------------------------------------------------------------------

    def set(self, name: str, value: object) -> list[Change]:
        """Give a setting another value and keep it. Raises SettingInvalid or DiskFull."""
        self.settings.set(name, value)
        if name == "appearance.language":
            i18n.use_language(str(value))
        heeded = self._opened.heed_setting(name) if self._opened else []
        return [SettingChanged(name), *heeded]

    def _heed_check(self, event: StoreChecked) -> list[Change]:
        if event.problem:
            return [Notice(DatabaseDamaged(path=self._database, reason=event.problem))]
        if self._store:
            self._store.checked()
        return []

    def pump(self) -> list[Change]:
        """Apply every waiting event and save what is due; returns what is different, the newest state of each thing.

        Raises what an event brings of our own mistakes; the others wait for the next call, and what is different so
        far is returned by it.
        """
        changes, self._untold = self._untold, []
        events = self.mailbox.drain()
        for place, event in enumerate(events, 1):
            try:
                changes += self._apply(event)
            except BaseException:
                self._untold = changes
                self.mailbox.put_back(events[place:])
                raise
        if self._chats:
            changes += self._chats.save_due()
        return latest(changes)

    def _apply(self, event: object) -> list[Change]:
        if isinstance(event, StoreChecked):
            return self._heed_check(event)
        if not isinstance(event, EngineEvent):
            return self._opened.apply(event) if self._opened else []
        applied = self.engine.apply(event)
        changes = [*applied.changes, *self.models.note(applied)]
        if self._chats:
            for message in applied.messages:
                changes += self._chats.apply(message)
        return changes


@dataclass(frozen=True)
class StoreChecked:
    """The event that ends a check of the database; ``problem`` in SQLite's words, empty when it is sound."""

    problem: str


def latest(changes: list[Change]) -> list[Change]:
    """Drop each text and engine state that a later one in the list replaces; the order stays."""
    seen: set[object] = set()
    kept: list[Change] = []
    for change in reversed(changes):
        key: object = change
        if isinstance(change, MessageText):
            key = (MessageText, change.message_id)
        elif isinstance(change, EngineChanged):
            key = EngineChanged
        elif not isinstance(change, ConversationChanged | MessageChanged):
            kept.append(change)
            continue
        if key not in seen:
            seen.add(key)
            kept.append(change)
    return kept[::-1]
