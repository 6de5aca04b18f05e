"""From the process's start to a painted window whose composer takes keys, in processor time of that process."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.figures import Table, median

RUNS = 7
PROBE = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ui.app import Application
from assistant.app import Assistant
from assistant.paths import Paths
app = QApplication([])
application = Application(Assistant(Paths.find()))
application.start(app)
window = application.window
def tell():
    print(round(time.process_time() * 1000), flush=True)
    assert window.page.composer.edit.hasFocus() or window.page.composer.edit.isEnabled()
window.painted.connect(tell)
def finish():
    if application.assistant.is_store_open:
        print(round(time.process_time() * 1000), window.sidebar.model.count(), flush=True)
        window.close()
timer = QTimer(); timer.timeout.connect(finish); timer.start(1)
app.exec()
application.close()
"""


def fill(home, conversations):
    """Make a home with so many conversations of two messages."""
    from assistant.paths import Paths
    from assistant.store.rows import Status, Usage
    from assistant.store.store import Store

    paths = Paths.find({"INKSTONE_HOME": str(home)})
    paths.make()
    store = Store.open(paths.database, run_id="bench")
    for number in range(conversations):
        _conversation, _question, answer = store.conversations.start(f"Question {number}", title=f"Question {number}")
        store.conversations.finish(answer.id, "An answer.", Status.COMPLETE, Usage())
    store.close()


def once(home):
    """Start once; returns milliseconds to the first picture and to the list."""
    environment = {**os.environ, "INKSTONE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a person's Python keeps what it compiled at the first start
    printed = subprocess.run(
        [sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return int(printed[0]), int(printed[1].split()[0])


def main():
    table = Table("Start (processor time of the window's process, median)")
    for count, bar in ((0, 600), (1000, 800)):
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder), count)
            once(folder)
            runs = [once(folder) for _run in range(RUNS)]
        table.row(f"window painted, {count} conversations kept", median([run[0] for run in runs]), "ms", bar)
        table.row(f"{count} conversations listed", median([run[1] for run in runs]), "ms", bar if count else None)


if __name__ == "__main__":
    main()
