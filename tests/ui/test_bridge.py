"""News from other threads reaches the screens: in batches, in order, with errors of the world as notices."""

import threading

import pytest

from assistant import changes
from assistant.engine.state import EngineState
from assistant.errors import DiskFull
from assistant.mailbox import Mailbox
from ui.bridge import INTERVAL_MS, Bridge
from ui.notify import Notifier

STEPPED = changes.LoadSteppedDown("qwen", "Qwen", ())


class Pump:
    """Stands for the assistant's: drains, counts, and raises what it is told to."""

    def __init__(self, mailbox):
        self.mailbox = mailbox
        self.batches = []
        self.error = None

    def __call__(self):
        if self.error:
            raise self.error
        self.batches.append(self.mailbox.drain())
        return self.batches[-1]


@pytest.fixture
def notifier(qapp):
    return Notifier()


@pytest.fixture
def heard(notifier):
    found = []
    notifier.changed.connect(found.append)
    return found


@pytest.fixture
def pump():
    return Pump(Mailbox())


@pytest.fixture
def bridge(pump, notifier):
    bridge = Bridge(pump.mailbox, pump, notifier)
    bridge.start()
    yield bridge
    bridge.stop()


def text(number):
    return changes.MessageText(1, 2, f"{number}")


def test_a_change_posted_in_another_thread_is_heard_on_qts_thread(qtbot, bridge, pump, notifier):
    threads = []
    notifier.message_text.connect(lambda *_values: threads.append(threading.current_thread()))
    poster = threading.Thread(target=pump.mailbox.post, args=[text(1)])
    poster.start()
    qtbot.waitUntil(lambda: bool(threads))
    poster.join()
    assert threads == [threading.main_thread()]


def test_many_events_come_in_few_batches_and_in_order(qtbot, bridge, pump, heard):
    def post_many():
        for number in range(5_000):
            pump.mailbox.post(text(number))

    poster = threading.Thread(target=post_many)
    poster.start()
    qtbot.waitUntil(lambda: len(heard) == 5_000, timeout=10_000)
    poster.join()
    assert [change.text for change in heard] == [str(number) for number in range(5_000)]
    assert len(pump.batches) < 500


def test_batches_keep_their_distance(qtbot, bridge, pump, heard):
    pump.mailbox.post(text(1))
    qtbot.waitUntil(lambda: len(heard) == 1)
    pump.mailbox.post(text(2))
    bridge._on_woken()
    assert bridge._timer.remainingTime() > INTERVAL_MS // 3
    qtbot.waitUntil(lambda: len(heard) == 2)


def test_what_waited_before_the_start_is_delivered(qtbot, pump, notifier, heard):
    pump.mailbox.post(text(1))
    bridge = Bridge(pump.mailbox, pump, notifier)
    bridge.start()
    qtbot.waitUntil(lambda: heard == [text(1)])
    bridge.stop()


def test_nothing_is_delivered_after_the_stop(qapp, pump, notifier, heard):
    bridge = Bridge(pump.mailbox, pump, notifier)
    bridge.start()
    pump.mailbox.post(text(1))
    bridge.stop()
    pump.mailbox.post(text(2))
    qapp.sendPostedEvents()
    assert (heard, pump.batches) == ([], [])


def test_a_call_that_was_on_its_way_at_the_stop_starts_nothing(bridge, pump):
    bridge.stop()
    bridge._on_woken()
    assert not bridge._timer.isActive()
    bridge._woken.connect(bridge._on_woken)  # for the fixture, which stops once more


def test_an_error_of_the_world_while_pumping_becomes_a_notice(qtbot, bridge, pump, notifier):
    pump.error = DiskFull(path="x")
    with qtbot.waitSignal(notifier.noticed) as signal:
        pump.mailbox.post(text(1))
    assert signal.args == [pump.error]


def test_an_action_that_the_world_refuses_says_so_and_returns_none(notifier, heard):
    error = DiskFull(path="x")

    def refused():
        raise error

    assert notifier.perform(refused) is None
    assert heard == [changes.Notice(error)]


def test_a_mistake_of_ours_is_not_swallowed(notifier):
    with pytest.raises(ZeroDivisionError):
        notifier.perform(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("change", "signal", "values"),
    [
        (changes.ConversationAdded(1), "conversation_added", [1]),
        (changes.ConversationChanged(1), "conversation_changed", [1]),
        (changes.ConversationRemoved(1), "conversation_removed", [1]),
        (changes.MessageAdded(1, 2), "message_added", [1, 2]),
        (changes.BranchChanged(1), "branch_changed", [1]),
        (changes.MessageText(1, 2, "so far"), "message_text", [1, 2, "so far"]),
        (changes.MessageChanged(1, 2), "message_changed", [1, 2]),
        (changes.EngineChanged(EngineState()), "engine_changed", [EngineState()]),
        (changes.SettingChanged("a.b"), "setting_changed", ["a.b"]),
        (changes.ModelsChanged(), "models_changed", []),
        (changes.TaskFinished(3, "value", None), "task_finished", [changes.TaskFinished(3, "value", None)]),
        (changes.DownloadsChanged(), "downloads_changed", []),
        (changes.DownloadProgressed("d1"), "download_progressed", ["d1"]),
        (changes.DownloadDone("d1", "qwen"), "download_done", ["d1", "qwen"]),
        (changes.LedgerChanged(), "ledger_changed", []),
        (STEPPED, "load_stepped_down", [STEPPED]),
    ],
)
def test_each_kind_of_change_has_its_signal(qtbot, notifier, change, signal, values):
    with qtbot.waitSignal(getattr(notifier, signal)) as caught:
        assert notifier.perform(lambda: [change]) == [change]
    assert caught.args == values
