"""The first start, and models: looked for, judged, on their way, and here. The hub is a fake one."""

import hashlib
import os
from contextlib import contextmanager

from assistant.engine.bandwidth import bandwidth
from assistant.engine.state import Phase
from assistant.models import library
from assistant.models.catalog import catalog
from assistant.models.download_state import Download, DownloadState
from assistant.models.model_file import Owner
from assistant.models.remote import RemoteFile
from assistant.paths import Paths
from tests.demo.stage import Stage
from tests.fakes.gguf_files import Tensor, tiny_gguf
from tests.fakes.hub import FakeFile, FakeHub, Fault
from ui.models.details_dialog import DetailsDialog
from ui.models.filters import Shelf
from ui.models.installed_card import Wish

MB = 1_000_000
PACE = 24 * MB
Q4_K, Q4_K_M = 12, 15
"""The number of a tensor's type, and of a file's."""
MISTRAL = "bartowski/Mistral-7B-Instruct-v0.3-GGUF"
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message.role == 'user' %}"
    "{{ '[INST] ' + message.content + ' [/INST]' }}{% else %}{{ ' ' + message.content + eos_token }}{% endif %}"
    "{% endfor %}"
)
LLAMA = "bartowski/Llama-3.2-3B-Instruct-GGUF"


def hollow(path, name, parameters, context_length, licence="apache-2.0"):
    """Write a model of that size with a true header and nothing in it; it takes no room on the disk."""
    tensors = [Tensor("token_embd.weight", (parameters // 256 * 256,), Q4_K)]
    return tiny_gguf(
        tensors=tensors,
        context_length=context_length,
        general__name=name,
        general__license=licence,
        general__file_type=Q4_K_M,
        tokenizer__chat_template=TEMPLATE,
        tokenizer__ggml__model="llama",
        tokenizer__ggml__tokens=None,
        vocab_size=32768,
        block_count=32,
        embedding_length=4096,
        attention__head_count=32,
        attention__head_count_kv=8,
    ).write(path)


class Models(Stage):
    """Goes through the rooms in which models are got and kept."""

    @classmethod
    @contextmanager
    def home(cls):
        """One with a model of another program's, where it is known how fast the computer is."""
        with super().home() as home, FakeHub() as cls.hub:
            os.environ["HF_ENDPOINT"] = cls.hub.endpoint
            paths = Paths.find()
            paths.make()
            bandwidth(paths.cache)
            theirs = home / ".lmstudio" / "models" / MISTRAL
            hollow(theirs / "Mistral-7B-Instruct-v0.3-Q4_K_M.gguf", "Mistral 7B Instruct v0.3", 7_248 * MB, 32768)
            cls.stock()
            yield home

    @classmethod
    def stock(cls):
        """Let the hub have what the catalog names, as files without content."""
        for entry in catalog():
            cls.hub.add(entry.repository, {})
            files = [each for each in (entry.file, entry.projector) if each]
            cls.hub.repositories[entry.repository].put({each.name: cls.empty(each) for each in files})

    @classmethod
    def empty(cls, file):
        """A file of zeros that claims to be another one."""
        path = Paths.find().cache / hashlib.sha256(file.name.encode()).hexdigest()
        with path.open("wb") as made:
            made.truncate(file.size_bytes)
        return FakeFile(path, file.size_bytes, file.sha256, hashlib.sha1(file.name.encode()).hexdigest(), is_lfs=True)

    def run(self):
        """Go through the scenes."""
        self.until(lambda: self.assistant.engine.state.phase is Phase.READY)
        self.until(lambda: self.window.places.welcome and self.window.places.welcome.offers)
        self.until(lambda: self.assistant.market.intake.has_looked)
        self.save_looks("welcome")
        self.ask()
        self.window.show_models()
        self.page = self.window.places.models
        self.until(lambda: self.page.is_filled and self.best() in self.grid.cards)
        self.save_looks("models")
        self.fit()
        self.details()
        self.downloading()
        self.failed()
        self.installed()

    # --- scenes -----------------------------------------------------------------------------------------------------

    def ask(self):
        """Have the starter answer something, so that its speed is known."""
        self.set("sampling.max_tokens", 40)
        self.window.show_chat()
        self.window.page.composer.submitted.emit("Why is the sky blue?")
        self.until(lambda: not self.assistant.chats.is_answering())

    def fit(self):
        """The numbers behind a verdict."""
        popup = self.page.getting.popup

        def show():
            self.until(lambda: self.best() in self.grid.cards)
            (row,) = self.grid.cards[self.best()].offers.rows.values()
            row.verdict.click()
            return popup

        self.save_looks("models_fit", show, popup.close)

    def details(self):
        """All that is known of a model."""
        self.show_installed()

        def show():
            theirs = next(each for each in self.assistant.models.all() if each.owner is Owner.LM_STUDIO)
            self.page.keeping.do(Wish.DETAILS, theirs.id)
            self.until(lambda: self.dialog() and self.dialog().note.isHidden())
            frame = self.window.frameGeometry()
            self.dialog().move(frame.center() - self.dialog().rect().center())
            return self.dialog()

        self.save_looks("models_details", show, lambda: self.dialog().accept())

    def downloading(self):
        """One is on its way, one was paused."""
        self.hub.faults.at("cdn", "*", Fault.SLOW, bytes_per_s=PACE, times=None)
        self.page.show_shelf(Shelf.COMPUTER)
        self.page.filters.size_box.set_value("5")
        self.page.filters.size_box.chosen.emit("5")
        first, second = self.grid.keys[:2]
        for name, share in ((second, 0.17), (first, 0.41)):
            self.begin(name, share)
        self.page.requests.pause.emit(self.download(second).id)
        self.comes(first, DownloadState.DOWNLOADING)
        self.until(lambda: self.download(first).seconds_left)
        self.page.show_downloads(True)
        self.save_looks("models_downloading")

    def begin(self, name, share):
        """Get a model of which a part came before."""
        repository = self.listing(name).repository
        file = repository.offers[0].files[0]
        part = self.assistant.paths.models / name / f"{file.name}.part"
        part.parent.mkdir(parents=True)
        with part.open("wb") as made:
            made.truncate(int(file.size_bytes * share))
        self.page.requests.get.emit(repository, repository.offers[0])

    def failed(self):
        """What came of one is not what the hub said it would be."""
        self.hub.faults.clear()
        for name in self.grid.keys[:2]:
            self.page.requests.cancel.emit(self.download(name).id)
        last = self.grid.keys[-1]
        self.begin(last, 0.97)
        self.comes(last, DownloadState.FAILED)
        self.page.area.ensureWidgetVisible(self.grid.cards[last])
        self.save_looks("models_failed")

    def installed(self):
        """Ours, another program's, and one that is gone."""
        for download in self.assistant.market.downloads.all():
            self.page.requests.cancel.emit(download.id)
        self.page.show_downloads(False)
        folder = self.assistant.paths.models
        kept = hollow(folder / LLAMA / "Llama-3.2-3B-Instruct-Q4_K_M.gguf", "Llama 3.2 3B Instruct", 3_213 * MB, 131072)
        gone = hollow(
            folder / "ggml-org/gemma-3-1b-it-GGUF" / "gemma-3-1b-it-Q4_K_M.gguf", "Gemma 3 1B", 1_000 * MB, 32768
        )
        for path in (kept, gone):
            self.arrive(path)
        gone.unlink()
        self.show_installed()
        self.save_looks("models_installed")

    # --- what they need ---------------------------------------------------------------------------------------------

    @property
    def grid(self):
        return self.page.browser.view.grid

    def best(self):
        """The repository that is recommended."""
        return self.assistant.market.suggestions()[0].name

    def dialog(self):
        return next((each for each in self.window.findChildren(DetailsDialog) if each.isVisible()), None)

    def show_installed(self):
        self.page.show_shelf(Shelf.INSTALLED)
        self.page._look_again()
        grid = self.page.installed.grid
        self.until(lambda: grid.keys and set(grid.keys) == set(grid.cards))

    def listing(self, name):
        return next(each for each in self.assistant.market.suggestions() if each.name == name)

    def download(self, name):
        return next(each for each in self.assistant.market.downloads.all() if each.repository == name)

    def comes(self, name, state):
        self.until(lambda: self.download(name).state is state)

    def arrive(self, path):
        """Take a file onto the shelf as a finished download is."""
        file = RemoteFile(path.name, path.stat().st_size)
        name = f"{path.parent.parent.name}/{path.parent.name}"
        library.downloaded(Download("d", name, "c" * 40, "Q4_K_M", (file,), path.parent), self.assistant.paths)
