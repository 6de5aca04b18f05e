"""A model is found, downloaded and asked in the real window, through all that a bad line and a power cut can do."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from assistant.settings import Settings
from tests.fakes.downloading_window import QUESTION
from tests.fakes.hub import Fault, gguf_bytes
from tests.fakes.killed_window import processes_at
from tests.fakes.told import Told

NAME = "maker/SmolLM2-135M-Instruct-GGUF"
FILE = "SmolLM2-135M-Instruct-Q4_1.gguf"
MIB = 1 << 20
RESET_AT, STALL_AT, KILL_AT = 20 * MIB, 45 * MIB, 70 * MIB
IN_SOCKETS = 12 * MIB
"""So much of what the hub sent is lost at most where a line is torn: it never came out of the system's buffers."""


@pytest.fixture
def shop(hub, starter_model, monkeypatch):
    """The hub with the starter's file under another name, and a maker who called something alike."""
    hub.add(NAME, {FILE: starter_model, "SmolLM2-135M-Instruct-Q8_0.gguf": gguf_bytes(400_000)})
    hub.add(f"other{NAME}", {"SmolLM2-135M-Instruct-Q2_K.gguf": gguf_bytes(300_000)})
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    return hub


def start(act):
    return Told("tests.fakes.downloading_window", act, NAME)


def shows(at):
    """Whether a window told that it shows so many bytes as here: where the line stalls it gets no further."""
    return lambda event: event["kind"] == "download" and event["bytes"] == at


def begin(home, hub):
    """Get it, over a line that tears and stalls, until the power fails; return the bytes that are here then."""
    with start("begin") as window:
        window.until("judged")
        hub.log.clear()  # of what was read of the file to judge it
        hub.faults.at("cdn", FILE, Fault.RESET, at_byte=RESET_AT)
        hub.faults.at("cdn", FILE, Fault.STALL, at_byte=STALL_AT)
        hub.faults.at("cdn", FILE, Fault.STALL, at_byte=KILL_AT)
        window.nod()
        window.until(shows(STALL_AT))
        hub.cut_all()
        window.until(shows(KILL_AT))
    _gone, alive = psutil.wait_procs(processes_at(os.environ["INKSTONE_HOME"]), timeout=10)
    assert alive == [], "a worker outlived the window"
    (part,) = home.models.rglob("*.part")
    return part.stat().st_size


def finish(hub):
    """Start again: it goes on by itself, and what comes is used and asked."""
    hub.faults.at("hub", FILE, Fault.STALL)
    with start("finish") as window:
        window.until("models")
        hub.faults.clear()
        assert window.end() == 0
        return window


def saved(home):
    """The messages of the only conversation, as they lie in the database."""
    with closing(sqlite3.connect(home.database)) as database:
        return database.execute("SELECT role, status, content FROM message ORDER BY id").fetchall()


@pytest.mark.slow
@pytest.mark.usefixtures("bare_children")
def test_a_model_comes_over_a_bad_line_and_a_power_cut_and_answers(home, shop, starter_model):
    Settings.load(home.settings).set("sampling.max_tokens", 24)
    here = begin(home, shop)
    assert here == KILL_AT
    window = finish(shop)

    size = starter_model.stat().st_size
    whole, after_reset, after_stall, after_kill = shop.log.of("cdn", FILE)
    assert RESET_AT - IN_SOCKETS <= after_reset.range_start <= RESET_AT
    assert (whole.range, after_stall.range, after_kill.range) == ("", f"bytes={STALL_AT}-", f"bytes={KILL_AT}-")
    assert size <= shop.log.bytes_sent("cdn", FILE) <= size + IN_SOCKETS
    assert {event["state"] for event in window.of("download")} >= {"verifying", "done"}
    assert "Checking every byte" in " ".join(event["words"] for event in window.of("download"))

    (notice,) = window.of("notice")
    assert notice["words"].endswith("Q4_1 is ready.")
    assert notice["action"] == "Use now"
    (loaded,) = window.of("loaded")
    assert Path(loaded["path"]) == home.models / NAME / FILE
    assert Path(loaded["path"]).read_bytes() == starter_model.read_bytes()
    assert not list(home.models.rglob("*.part"))

    (token,), (answered,) = window.of("token"), window.of("answered")
    assert answered["text"].startswith(token["text"])
    assert saved(home) == [("user", "complete", QUESTION), ("assistant", "complete", answered["text"])]
