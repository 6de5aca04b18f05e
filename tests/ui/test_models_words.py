"""Sizes, speeds, times and states as people say them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.i18n import use_language
from assistant.models.download_state import Download, DownloadState
from assistant.models.remote import RemoteFile
from tests.fakes.model_source import SUGGESTIONS, found
from ui.models.source import Listing
from ui.models.words import (
    about_words,
    amount_words,
    context_words,
    count_words,
    date_words,
    download_title,
    fame_words,
    left_words,
    licence_words,
    pace_words,
    parameter_words,
    speed_words,
    state_words,
    title_words,
)
from ui.widgets.words import size_words

DOWNLOAD = Download("d", "ada/model", "c", "Q4_K_M", (RemoteFile("m.gguf", 2_500_000_000),), Path("/models"))


@pytest.mark.parametrize(
    ("size", "words"), [(98_000_000, "98 MB"), (2_540_000_000, "2.5 GB"), (212_000_000_000, "212 GB")]
)
def test_large_sizes_have_no_point(size, words):
    assert size_words(size) == words


def test_a_model_is_called_as_on_its_card():
    assert title_words("bartowski/google_gemma-4-E2B-it-GGUF") == "Gemma 4 E2B"
    assert title_words("bartowski/Mistral-Small-24B-Instruct.gguf") == "Mistral-Small-24B-Instruct"
    gemma = replace(DOWNLOAD, repository="bartowski/google_gemma-4-E2B-it-GGUF")
    assert download_title(gemma) == "Gemma 4 E2B Q4_K_M"


def test_how_large_a_model_is():
    sizes = (0, 137_000_000, 999_900_000, 4_020_000_000, 27_000_000_000)
    words = ["", "137 M parameters", "1.0 B parameters", "4.0 B parameters", "27 B parameters"]
    assert [parameter_words(size) for size in sizes] == words
    assert [context_words(length) for length in (0, 2048, 262144)] == ["", "2k context", "256k context"]


def test_counts_and_days():
    assert [count_words(count) for count in (7, 1_240, 124_000, 1_240_000)] == ["7", "1.2k", "124k", "1.2M"]
    assert date_words(datetime(2026, 3, 4, 12, tzinfo=UTC)) == "4 Mar 2026"


def test_licences_by_the_names_people_know():
    assert [licence_words(name) for name in ("apache-2.0", "Apache-2.0", "odd-1")] == ["Apache 2.0"] * 2 + ["odd-1"]


def test_a_listing_in_two_lines():
    assert about_words(SUGGESTIONS[0]) == "Alibaba · Apache 2.0 · 4.0 B parameters · 256k context"
    listing = Listing(found(0))
    assert about_words(listing).startswith("bartowski · ")
    assert fame_words(listing) == "Updated 1 May 2026 · 1.2M downloads · 1.8k likes"
    assert fame_words(SUGGESTIONS[0]) == ""
    one = Listing(replace(found(0), modified=None, downloads=1, likes=1))
    assert fame_words(one) == "1 download · 1 like"


@pytest.mark.parametrize(
    ("tokens_per_s", "is_measured", "words"),
    [
        (0, False, ""),
        (12, False, "about 9 words a second"),
        (12, True, "9 words a second"),
        (1.2, False, "about 1 word a second"),
        (0.4, False, "about 3 seconds a word"),
    ],
)
def test_speed_in_words_a_second(tokens_per_s, is_measured, words):
    assert pace_words(tokens_per_s, is_measured=is_measured) == words


def test_other_scripts_take_more_tokens():
    use_language("zh_CN")
    assert "7" in pace_words(12, is_measured=True)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0.2, "1 s left"), (48, "48 s left"), (750, "12 min left"), (4800, "1 h 20 min left")],
)
def test_how_long_still(seconds, words):
    assert left_words(seconds) == words


def test_a_download_in_words():
    running = replace(DOWNLOAD, state=DownloadState.DOWNLOADING, bytes_done=1_620_000_000, bytes_per_s=18_400_000)
    assert amount_words(running) == "1.62 GB of 2.50 GB"
    assert state_words(running) == "18.4 MB/s · 48 s left"
    assert speed_words(812_000) == "812 kB/s"
    assert state_words(replace(running, bytes_per_s=0)) == "Downloading"
    waiting = replace(DOWNLOAD, state=DownloadState.WAITING, attempts=3)
    assert state_words(waiting) == "Waiting for the network · try 3"
    assert state_words(replace(waiting, attempts=1)) == "Waiting for the network"


@pytest.mark.parametrize("state", list(DownloadState))
def test_every_state_has_words(state):
    assert state_words(replace(DOWNLOAD, state=state))
