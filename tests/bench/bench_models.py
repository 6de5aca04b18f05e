"""Models: the window while one is downloaded at full speed, from Get to the first token, and the cards of the page."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from assistant.app import Assistant
from assistant.changes import TaskFinished
from assistant.engine.bandwidth import bandwidth
from assistant.engine.state import Phase
from assistant.ledger import Ledger
from assistant.models.hub import Hub
from assistant.models.remote import Page, Query, Repository
from assistant.network import Network, NetworkOptions
from assistant.paths import Paths
from tests.bench.figures import Table, median, percentile
from tests.fakes.attended_window import run, tell
from tests.fakes.downloading_window import Person
from tests.fakes.gguf_files import Tensor, tiny_gguf
from tests.fakes.hub import FakeHub, Fault, gguf_bytes
from tests.fakes.real_models import starter
from tests.fakes.served_hub import served
from tests.fakes.told import Told
from ui.models.filters import Shelf
from ui.models.page import ModelsPage
from ui.notify import Notifier
from ui.theme.theme import Theme

MIB = 1 << 20
SIZE = 1024 * MIB
RUNS = 5
BEAT_MS = 5
NAME, FILE = "maker/Model-GGUF", "Model-Q4_1.gguf"
SHOWN, FOUND = 30, 500


# --- the window in a process of its own -----------------------------------------------------------------------------


class Watched(Person):
    """Gets a model and leaves; meanwhile a heart beats on the main thread, and what it misses is told.

    ``pause`` is a list of how long the thread came to nothing else, each in milliseconds of the clock; ``work`` the
    processor time of the thread meanwhile.
    """

    def get(self):
        yield lambda: self.state.phase is Phase.READY  # nothing else shall be at work
        yield from super().get()

    def use(self):
        heart = Heart(self)
        yield lambda: self.models.ready.isVisible() or self.failed()
        assert not self.failed()
        tell("notice")
        tell("heart", pauses=heart.pauses, work=heart.work)

    def ask(self):
        yield from ()

    def failed(self):
        return any(download.error for download in self.assistant.market.downloads.all())


class Heart(QObject):
    """Beats as often as it is let."""

    def __init__(self, parent):
        super().__init__(parent)
        self.pauses, self.work = [], []
        self.last = (time.monotonic(), time.thread_time())
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self.beat)
        timer.start(BEAT_MS)

    def beat(self):
        now = (time.monotonic(), time.thread_time())
        self.pauses.append((now[0] - self.last[0]) * 1000 - BEAT_MS)
        self.work.append((now[1] - self.last[1]) * 1000)
        self.last = now


@contextmanager
def home():
    """A home of its own that knows the computer's speed, so that nothing has to be measured meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths.find({"INKSTONE_HOME": folder})
        paths.make()
        bandwidth(paths.cache)
        yield folder


def life(hub, *command):
    """Let a window live to its end in a new home; returns what it told."""
    with home() as folder:
        environment = {
            "INKSTONE_HOME": folder,
            "HF_ENDPOINT": hub,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        with Told(*command, "all", NAME, environment=environment) as window:
            assert window.end() == 0, window.events[-3:]
            return window


def write_model(path, size):
    """Write a file of noise with the header of a model."""
    made = tiny_gguf(tensors=[Tensor("token_embd.weight", (size // 4,))])
    noise = random.Random(1).randbytes(8 * MIB)
    with path.open("wb") as file:
        file.write(made.header())
        for _piece in range(made.data_bytes() // len(noise)):
            file.write(noise)
        file.write(noise[: made.data_bytes() % len(noise)])


def bench_downloading():
    """How long the main thread stands still while bytes come as fast as they can."""
    table = Table(f"The window while {SIZE // MIB} MiB come at full speed (medians of {RUNS} runs)")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        write_model(path, SIZE)
        with served(NAME, {FILE: path}) as hub:
            lives = [life(hub, "tests.bench.bench_models") for _run in range(RUNS)]
    hearts = [window.of("heart")[0] for window in lives]
    rates = [SIZE / 1e6 / (window.until("notice")["at"] - window.until("got")["at"]) for window in lives]
    table.row("the main thread stands still, longest", median([max(heart["pauses"]) for heart in hearts]), "ms", 50)
    table.row(
        "the main thread stands still, p99", median([percentile(heart["pauses"], 0.99) for heart in hearts]), "ms"
    )
    table.row("longest work of it at a time, processor", median([max(heart["work"]) for heart in hearts]), "ms", 50)
    table.row("from Get to the notice, bytes over time", median(rates), "MB/s")


def bench_first_token():
    """A person's whole way with the starter's file, which comes from the hub."""
    path = starter()
    table = Table(f"From Get to the first token ({path.stat().st_size / 1e6:.0f} MB, medians of {RUNS} runs)")
    with served(NAME, {FILE: path}) as hub:
        lives = [life(hub, "tests.fakes.downloading_window") for _run in range(RUNS)]
    moments = [
        {kind: window.until(kind)["at"] for kind in ("got", "notice", "used", "loaded", "asked", "token")}
        for window in lives
    ]
    for name, begin, end in (
        ("from Get until it is verified and ready", "got", "notice"),
        ("from Use now until it is loaded", "used", "loaded"),
        ("from Enter to the first token on the screen", "asked", "token"),
        ("from Get to the first token, in all", "got", "token"),
    ):
        table.row(name, median([each[end] - each[begin] for each in moments]), "s")


# --- the program without a window -----------------------------------------------------------------------------------


def bench_quit():
    """A search and a download wait for a hub that says nothing, and the computer is being measured."""
    table = Table(f"Quitting in the middle of everything (medians of {RUNS} runs)")
    table.row(
        "from closing the window to the end of every thread", median([quit_once() for _run in range(RUNS)]), "ms", 1000
    )


def quit_once():
    with FakeHub() as hub, tempfile.TemporaryDirectory() as folder:
        hub.add(NAME, {FILE: gguf_bytes(4 * MIB)})
        hub.faults.at("hub", "api/models", Fault.STALL)
        hub.faults.at("cdn", FILE, Fault.STALL, at_byte=2 * MIB)
        assistant = Assistant(Paths.find({"INKSTONE_HOME": folder}))
        assistant.open()
        assistant.set("network.endpoint", hub.endpoint)
        assistant.open_market()
        market = assistant.market
        market.measure_computer()
        market.search(Query("model"))
        found = Hub(Network(Ledger(None), NetworkOptions), lambda: hub.endpoint, str).repository(NAME)
        market.downloads.start(found, found.offers[0])
        hub.log.wait(lambda: hub.log.bytes_sent() == 2 * MIB)
        began = time.monotonic()
        assistant.close()
        return (time.monotonic() - began) * 1000


# --- the page in this process ---------------------------------------------------------------------------------------


def cpu_ms(work):
    """Return the processor time ``work`` takes."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


class Shown:
    """The page over the real market, driven turn by turn of the event loop."""

    def __init__(self, app, theme, assistant):
        self.app = app
        self.page = ModelsPage(theme, assistant.market, Notifier())
        self.page.resize(1176, 820)
        self.bar = self.page.area.verticalScrollBar()

    def until(self, is_so):
        """Let things happen; returns the processor time of all turns, and of the longest."""
        turns = []
        while not is_so():
            turns.append(cpu_ms(self.app.processEvents))
        return sum(turns), max(turns, default=0)

    def is_full(self):
        """Whether every card near the view is made and painted."""
        grid = self.page.browser.view.grid
        return bool(grid.cards) and not grid._idle.isActive()

    def show(self):
        self.page.show()
        return self.until(self.is_full)

    def find(self, count):
        """Search, and let ``count`` repositories be found."""
        field = self.page.header.field
        field.setText(f"model {count}")
        field.returnPressed.emit()
        task = self.page.browser._task
        self.until(lambda: self.page.browser.view.state.isVisible())
        found = Page(tuple(repository(number) for number in range(count)))
        begun = cpu_ms(lambda: self.page.desk.finish(TaskFinished(task, found, None)))
        went, longest = self.until(self.is_full)
        return begun + went, max(begun, longest)

    def step(self, by):
        self.bar.setValue(self.bar.value() + by)
        self.app.processEvents()

    def close(self):
        self.page.close()
        self.page.deleteLater()
        self.app.processEvents()


def repository(number):
    when = datetime(2026, 5, 1, tzinfo=UTC) - timedelta(days=number)
    return Repository(
        f"maker{number % 7}/Some-Model-{number}B-Instruct-GGUF",
        licence="apache-2.0",
        parameters=number * 10**8,
        context_length=32768,
        downloads=number * 37,
        likes=number,
        modified=when,
    )


def bench_page(app, theme, assistant):
    """The catalog, a page of results, and scrolling in many."""
    table = Table(f"The models page (processor time, medians of {RUNS} pages)")
    catalogs, searches, first = [], [], []
    for _run in range(RUNS):
        shown = Shown(app, theme, assistant)
        shown.page.filters.set_shelf(Shelf.ALL)
        catalogs.append(shown.show())
        first.append(len(shown.page.browser.view.grid.keys))
        searches.append(shown.find(SHOWN))
        shown.close()
    table.row(f"first paint with a catalog of {first[0]}", median([each[0] for each in catalogs]), "ms", 200)
    table.row("longest turn of it", median([each[1] for each in catalogs]), "ms", 50)
    table.row(f"{SHOWN} results shown", median([each[0] for each in searches]), "ms", 200)
    table.row("longest turn of it", median([each[1] for each in searches]), "ms", 50)
    scroll(table, Shown(app, theme, assistant))


def scroll(table, shown):
    shown.show()
    shown.find(FOUND)
    steps = [cpu_ms(lambda: shown.step(90)) for _step in range(FOUND)]
    table.row(f"scroll step in {FOUND} results, p50", median(steps), "ms", 8)
    table.row(f"scroll step in {FOUND} results, p99", percentile(steps, 0.99), "ms", 16)
    table.row("cards that exist then", len(shown.page.browser.view.grid.cards), "")
    shown.close()


def main():
    """Run all."""
    app = QApplication.instance() or QApplication([])
    theme = Theme("light")
    theme.apply(app)
    with home() as folder:
        assistant = Assistant(Paths.find({"INKSTONE_HOME": folder}))
        assistant.open(is_window=True)
        assistant.set("network.offline", True)
        assistant.open_market()
        try:
            bench_page(app, theme, assistant)
        finally:
            assistant.close()
    bench_quit()
    bench_downloading()
    bench_first_token()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(run(lambda application: Watched(application, *sys.argv[1:])))
    main()
