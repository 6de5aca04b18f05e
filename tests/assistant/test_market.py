"""The counter, through the whole assistant, before a fake hub."""

import shutil
import threading
from collections.abc import Callable

import pytest

from assistant.app import Assistant
from assistant.changes import Change, DownloadDone, LedgerChanged, ModelsChanged, SettingChanged, TaskFinished
from assistant.engine.protocol import Device, Hello
from assistant.errors import (
    FolderNotWritable,
    FolderUnreadable,
    ModelMissing,
    ModelNotDeleted,
    NetworkOff,
    StarterStays,
    TokenRefused,
)
from assistant.market import Kept
from assistant.model_choice import Habits
from assistant.models.catalog import entry_for
from assistant.models.deletion import Gone
from assistant.models.download_state import DownloadState
from assistant.models.fit import Verdict
from assistant.models.library import with_id
from assistant.models.model_file import ModelFile
from assistant.models.records import Record, chosen_folders, record_of
from assistant.models.remote import Group, Offer, Page, Query, RemoteFile, Repository
from assistant.models.token import FILE_NAME, TokenPlace
from assistant.paths import Paths
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.hub import FakeHub, Fault, gguf_bytes
from tests.fakes.scripted_worker import COMMAND

NAME = "maker/Tiny-GGUF"
CONTENT = gguf_bytes(1_400_000, seed=5)
OFFER = Offer("Q4_K_M", "Q4_K_M", Group.BALANCED, (RemoteFile("Tiny-Q4_K_M.gguf"),))

BIG = {
    f"Q8_0/Big-Q8_0-{number:05}-of-00002.gguf": gguf_bytes(400_000, seed=number, split__no=number - 1, split__count=2)
    for number in (1, 2)
} | {"Q8_0/mmproj-F16.gguf": gguf_bytes(50_000, seed=3, architecture="clip", general__type="mmproj")}


@pytest.fixture
def hub():
    with FakeHub() as hub:
        hub.add(NAME, {"Tiny-Q4_K_M.gguf": CONTENT, "README.md": "---\nlicense: mit\n---\n# Tiny"})
        yield hub


class Counter:
    """An open assistant and everything it reported."""

    def __init__(self, home: Paths, hub: FakeHub, *, is_window: bool = False) -> None:
        self.assistant = Assistant(home, engine_command=COMMAND)
        self.assistant.open(is_window=is_window)
        self.assistant.set("network.endpoint", hub.endpoint)
        self.assistant.open_market()
        self.market = self.assistant.market
        self.changes: list[Change] = []

    def until(self, is_reached: Callable[[], bool]) -> None:
        while not is_reached():
            assert self.assistant.mailbox.wait(30)
            self.changes += self.assistant.pump()

    def finish(self, task: int) -> TaskFinished:
        found: list[TaskFinished] = []

        def is_there() -> bool:
            found[:] = [one for one in self.changes if isinstance(one, TaskFinished) and one.task == task]
            return bool(found)

        self.until(is_there)
        return found[0]

    def value(self, task: int) -> object:
        finished = self.finish(task)
        assert finished.error is None, finished.error
        return finished.value

    def details(self, name: str = NAME) -> Repository:
        repository = self.value(self.market.details(name))
        assert isinstance(repository, Repository)
        return repository

    def here(self, model_id: str) -> ModelFile:
        return with_id(model_id, self.assistant.models.all())

    def get(self, name: str = NAME) -> str:
        """Download the model and return its id."""
        repository = self.details(name)
        self.market.downloads.start(repository, repository.offers[0])
        self.until(lambda: self.market.downloads.all()[-1].state in (DownloadState.DONE, DownloadState.FAILED))
        (done,) = [change for change in self.changes if isinstance(change, DownloadDone)]
        return done.model_id


@pytest.fixture
def counter(home, hub):
    counter = Counter(home, hub)
    yield counter
    counter.assistant.close()


def test_search_details_and_card(counter):
    page = counter.value(counter.market.search(Query("tiny")))
    assert isinstance(page, Page)
    assert [one.name for one in page.repositories] == [NAME]
    repository = counter.details()
    assert [offer.id for offer in repository.offers] == ["Q4_K_M"]
    assert counter.value(counter.market.readme(repository)).strip() == "# Tiny"
    assert counter.market.page_address(NAME).endswith(f"/{NAME}")


def test_a_download_lands_on_the_shelf_and_can_be_deleted(counter, home):
    model_id = counter.get()
    assert model_id == "maker/Tiny-GGUF/Tiny-Q4_K_M"
    (model,) = [one for one in counter.market.library.all() if one.id == model_id]
    assert (model.repository, model.owner, model.is_missing) == (NAME, "", False)
    assert model.model.path.read_bytes() == CONTENT
    assert counter.value(counter.market.library.verify(model_id)) is True
    counter.assistant.set("model.default", model_id)
    task, changes = counter.market.library.delete(model_id)
    assert counter.value(task) is Gone.TO_TRASH
    assert (changes, counter.changes[-3:-1]) == ([], [SettingChanged("model.default"), ModelsChanged()])
    assert not model.model.path.exists()
    assert record_of(model.model.path, home) == Record(model.model.path)


def test_a_model_that_the_system_does_not_let_go_stays_with_its_record(counter, home, monkeypatch):
    monkeypatch.setattr("send2trash.send2trash", refusal)
    model_id = counter.get()
    before = counter.here(model_id)
    task, _changes = counter.market.library.delete(model_id)
    assert isinstance(counter.finish(task).error, ModelNotDeleted)
    assert counter.here(model_id) == before


def refusal(path: str) -> None:
    raise PermissionError(13, "it is in use", path)


def test_a_model_that_vanished_is_fetched_again_from_where_it_came(counter):
    model_id = counter.get()
    path = counter.here(model_id).path
    path.unlink()
    assert counter.here(model_id).is_missing
    counter.market.downloads.clear()
    counter.market.library.download_again(model_id)
    counter.until(lambda: counter.market.downloads.all()[-1].state is DownloadState.DONE)
    assert path.read_bytes() == CONTENT


def test_all_parts_of_a_model_that_vanished_come_again_from_their_places_with_their_sizes(counter, hub):
    files = {name.replace("Q8_0/mmproj", "eyes/mmproj"): content for name, content in BIG.items()}
    hub.add("maker/Big-GGUF", files)
    model_id = counter.get("maker/Big-GGUF")
    model = counter.here(model_id)
    root = model.path.parent.parent
    for name in files:
        (root / name).unlink()
    hub.change("maker/Big-GGUF", {**files, "README.md": "# another commit"})
    counter.market.downloads.clear()
    counter.market.library.download_again(model_id)
    counter.until(lambda: counter.market.downloads.all()[-1].state in (DownloadState.DONE, DownloadState.FAILED))
    again = counter.market.downloads.all()[-1]
    assert (again.error, again.bytes_total) == (None, sum(map(len, files.values())))
    assert {name: (root / name).read_bytes() for name in files} == files
    assert counter.here(model_id).projector == root / "eyes/mmproj-F16.gguf"
    assert counter.value(counter.market.library.verify(model_id)) is True


def test_what_another_program_brought_and_lost_comes_whole_from_where_it_was(counter, hub, user, home):
    hub.add("maker/Big-GGUF", BIG)
    for name, content in BIG.items():
        path = user / ".lmstudio" / "models" / "maker" / "Big-GGUF" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    lost = "lmstudio/maker/Big-GGUF/Q8_0/Big-Q8_0"
    counter.market.library.set_default(lost)
    counter.market.library.set_habits(lost, Habits(system_prompt="Be brief."))
    assert counter.here(lost).projector is not None
    shutil.rmtree(user / ".lmstudio")
    assert record_of(counter.here(lost).path, home).commit == ""

    counter.market.library.download_again(lost)
    counter.until(lambda: counter.market.downloads.all()[-1].state in (DownloadState.DONE, DownloadState.FAILED))

    again = counter.market.downloads.all()[-1]
    assert (again.error, again.commit) == (None, counter.details("maker/Big-GGUF").commit)
    root = home.models / "maker" / "Big-GGUF"
    assert {name: (root / name).read_bytes() for name in BIG} == BIG
    here = counter.here(lost)  # the settings may name it so
    assert (here.path, here.projector) == (root / min(BIG), root / "Q8_0/mmproj-F16.gguf")
    assert counter.market.library.habits(here.id).system_prompt == "Be brief."
    assert [one.id for one in counter.market.library.all() if one.is_missing] == []


def test_a_vanished_file_that_nobody_knows_the_origin_of(counter, tmp_path):
    path = tmp_path / "own-Q4_0.gguf"
    path.write_bytes(gguf_bytes(1000))
    counter.market.intake.add(path)
    (model,) = [one for one in counter.market.library.all() if one.model.path == path]
    path.unlink()
    with pytest.raises(ModelMissing):
        counter.market.library.download_again(model.id)
    counter.market.library.forget(model.id)
    assert path not in [one.model.path for one in counter.market.library.all()]


def test_the_starter_stays(counter):
    with pytest.raises(StarterStays):
        counter.market.library.delete("starter")


def test_a_newer_file_is_found(counter, hub):
    model_id = counter.get()
    assert counter.value(counter.market.library.newer(model_id)) is None
    hub.change(NAME, {"Tiny-Q4_K_M.gguf": gguf_bytes(1_300_000, seed=6)})
    repository, offer = counter.value(counter.market.library.newer(model_id))
    counter.market.downloads.start(repository, offer)
    counter.until(lambda: counter.market.downloads.all()[-1].state is DownloadState.DONE)
    assert counter.value(counter.market.library.newer(model_id)) is None


def test_the_outlook_grows_exact(counter):
    repository = counter.details()
    offer = repository.offers[0]
    before = counter.market.outlook(repository, offer)
    assert not before.is_exact
    counter.value(counter.market.measure(repository, offer))
    after = counter.market.outlook(repository, offer)
    assert after.is_exact
    assert after.fit.kv_bytes > 0
    assert counter.market.outlook(repository, offer, after.fit.context_length // 2).fit.kv_bytes < after.fit.kv_bytes


def test_the_catalog_recommends_exactly_one(counter):
    listings = counter.market.suggestions()
    assert [one.is_recommended for one in listings] == [True] + [False] * (len(listings) - 1)
    outlook = counter.market.outlook(listings[0].repository, listings[0].repository.offers[0])
    assert outlook.fit.verdict in (Verdict.FITS, Verdict.TIGHT)


def test_this_computer_has_memory_and_a_disk(counter, home):
    computer = counter.market.computer()
    assert 0 < computer.available_bytes <= computer.memory_bytes
    assert computer.cores > 0
    assert computer.disk_free_bytes > 0
    assert computer.folder == home.models


def test_the_switch_stops_everything_with_a_sentence(counter, hub):
    repository = counter.details()
    hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=700_000)
    counter.market.downloads.start(repository, repository.offers[0])
    counter.until(lambda: counter.market.downloads.all()[0].bytes_done > 400_000)
    counter.changes += counter.assistant.set("network.offline", True)
    counter.until(lambda: counter.market.downloads.all()[0].state is DownloadState.PAUSED)
    assert isinstance(counter.market.downloads.all()[0].error, NetworkOff)
    assert isinstance(counter.finish(counter.market.search(Query("tiny"))).error, NetworkOff)
    assert counter.market.is_offline
    hub.faults.clear()
    counter.changes += counter.assistant.set("network.offline", False)
    counter.until(lambda: counter.market.downloads.all()[0].state is DownloadState.DONE)


def test_every_request_stands_in_the_ledger(counter, hub):
    counter.get()
    purposes = {entry.purpose for entry in counter.assistant.ledger.entries()}
    assert {"details", "download"} <= purposes
    assert LedgerChanged() in counter.changes
    received = sum(total.bytes_received for total in counter.assistant.ledger.totals())
    assert received > len(CONTENT)
    assert len(counter.assistant.ledger.entries()) == len(hub.log.of("hub", "*")) + len(hub.log.of("cdn", "*"))


def test_a_token_is_checked_before_it_is_kept_and_it_is_said_where(counter, hub):
    hub.accounts["hf_right"] = "someone"
    account = counter.market.account
    assert not account.has_token
    assert isinstance(counter.finish(account.save("hf_wrong")).error, TokenRefused)
    assert not account.has_token
    assert counter.value(account.save("hf_right")) == Kept("someone", TokenPlace.FILE)
    assert account.has_token
    assert (account.place, account.file.exists()) == (TokenPlace.FILE, True)
    assert counter.value(account.forget()) is None
    assert not account.has_token


def test_a_keyring_that_hangs_holds_neither_the_window_nor_the_end(home, hub, monkeypatch):
    asked, go = threading.Event(), threading.Event()
    monkeypatch.setattr("keyring.get_password", lambda _service, _user: asked.set() or go.wait() or None)
    (home.config / FILE_NAME).write_text('{"place": "keyring"}')
    counter = Counter(home, hub)
    counter.market.search(Query("tiny"))
    counter.market.account.forget()
    assert asked.wait(10)
    counter.assistant.close()
    go.set()


def test_closing_ends_what_hangs(home, hub):
    counter = Counter(home, hub)
    hub.faults.at("hub", "api/models", Fault.STALL)
    counter.market.search(Query("tiny"))
    counter.until(lambda: True)
    counter.assistant.close()
    counter.assistant.close()


def test_the_models_here_are_judged_in_one_task(counter, home, tmp_path):
    own = tmp_path / "own-Q4_0.gguf"
    own.write_bytes(gguf_bytes(1000))
    counter.market.intake.add(own)
    (home.models / "broken.gguf").write_bytes(b"GGUF")
    models = [each.model for each in counter.market.library.all()]
    own.unlink()
    judged = counter.value(counter.market.judge.verdicts(models))
    assert judged == {"starter": Verdict.FITS}


def test_what_lies_in_the_memory_of_a_graphics_card_is_expected_to_be_as_quick_as_that(counter, monkeypatch):
    monkeypatch.setattr("assistant.market.judging.known_bandwidth", lambda _folder: 20_000_000_000)
    entry = entry_for("unsloth/Qwen3.6-27B-GGUF", "Qwen3.6-27B-UD-Q4_K_XL.gguf")
    (listing,) = [one for one in counter.market.suggestions() if one.name == entry.repository]
    (offer,) = listing.repository.offers
    assert counter.market.outlook(listing.repository, offer).is_slow
    card = Device("CUDA0", "A card", "gpu", 48 << 30, 48 << 30)
    counter.assistant.engine.learn(Hello(0, 1, 1, "script", devices=(card,)))
    assert not counter.market.outlook(listing.repository, offer).is_slow
    assert counter.market.computer().gpu == "A card"


def test_many_offers_are_judged_with_one_look_at_the_models_here(counter, monkeypatch):
    looks = []
    everything = counter.assistant.models.all
    monkeypatch.setattr(counter.assistant.models, "all", lambda: looks.append(1) or everything())
    for listing in counter.market.suggestions():
        counter.market.outlook(listing.repository, listing.repository.offers[0])
    assert len(looks) <= 1


def test_what_is_measured_is_kept_when_the_task_is_over_and_not_before(counter, hub):
    repository = counter.details()
    task = counter.market.measure(repository, repository.offers[0])
    while any(thread.name == "measure" for thread in threading.enumerate()):
        pass
    assert not counter.market.outlook(repository, repository.offers[0]).is_exact
    counter.value(task)
    assert counter.market.outlook(repository, repository.offers[0]).is_exact


def test_a_market_that_cannot_take_up_the_downloads_can_be_opened_again(home, hub):
    counter = Counter(home, hub)
    counter.assistant.set("network.offline", True)
    counter.market.downloads.start(Repository(NAME), OFFER)
    (download,) = counter.market.downloads.all()
    counter.assistant.close()
    (home.downloads / f"{download.id}.lock").unlink(missing_ok=True)
    (home.downloads / f"{download.id}.lock").mkdir()
    assistant = Assistant(home, engine_command=COMMAND)
    assistant.open()
    with pytest.raises(FolderNotWritable):
        assistant.open_market()
    assert not assistant.is_market_open
    (home.downloads / f"{download.id}.lock").rmdir()
    assistant.open_market()
    assert [one.id for one in assistant.market.downloads.all()] == [download.id]
    assistant.close()


def test_a_folder_is_looked_through_from_now_on(counter, tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "own-Q4_0.gguf").write_bytes(gguf_bytes(1000))
    looked = counter.value(counter.market.intake.look_in(tmp_path / "weights"))
    assert looked.count == 1
    assert ModelsChanged() in counter.changes
    (own,) = [one for one in counter.market.library.all() if one.chosen_folder == tmp_path / "weights"]
    assert own.model.path == tmp_path / "weights" / "own-Q4_0.gguf"
    assert counter.market.intake.stop_looking_in(tmp_path / "weights") == [ModelsChanged()]
    assert own.id not in [one.id for one in counter.market.library.all()]
    assert own.model.path.exists()


def test_a_folder_that_cannot_be_read_is_named_and_not_looked_through(counter, home, tmp_path):
    finished = counter.finish(counter.market.intake.look_in(tmp_path / "gone"))
    assert isinstance(finished.error, FolderUnreadable)
    assert chosen_folders(home) == ()


def test_what_other_programs_bring_meanwhile_is_found_beside_the_window(counter, user):
    write_tiny_gguf(user / ".lmstudio" / "models" / "first.gguf")
    counter.market.intake.look_around()
    counter.until(lambda: ModelsChanged() in counter.changes)
    write_tiny_gguf(user / ".lmstudio" / "models" / "second.gguf", general__name="Second")
    assert len(counter.market.library.all()) == 2  # nobody looks on the main thread
    counter.changes.clear()
    counter.market.intake.look_around()
    counter.until(lambda: ModelsChanged() in counter.changes)
    assert len(counter.market.library.all()) == 3


def test_models_are_looked_for_where_downloads_go(counter, tmp_path):
    counter.assistant.set("model.folder", f" {tmp_path} ")
    assert counter.market.downloads.folder == tmp_path
    assert counter.here(counter.get()).path.is_relative_to(tmp_path)
