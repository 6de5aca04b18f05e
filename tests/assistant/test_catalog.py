"""The catalog: every row well formed, what is recommended of it, and how it is compared with the hub."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from assistant.errors import RepositoryNotFound
from assistant.memory import GIB, Memory
from assistant.models.catalog import CatalogEntry, catalog, entry_for, read_catalog, shipped
from assistant.models.catalog_refresh import as_toml, refresh
from assistant.models.catalog_words import ABOUT
from assistant.models.fit import Accelerator, Plan, Verdict, estimate, kv_bytes
from assistant.models.gguf import read_header
from assistant.models.recommend import SLOWEST_TOKENS_PER_S, ranked, recommended
from assistant.models.remote import Group, Kind, Offer, RemoteFile, Repository
from assistant.models.speed import Rates

ROWS = catalog()
BY_ID = {row.id: row for row in ROWS}
GB = 10**9


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_is_well_formed(row: CatalogEntry):
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]+", row.id)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", row.repository)
    for file in [row.file, *([row.projector] if row.projector else [])]:
        assert re.fullmatch(r"[\w.-]+\.gguf", file.name)
        assert file.size_bytes > 1_000_000
        assert re.fullmatch(r"([0-9a-f]{64})?", file.sha256)
    assert row.quantization
    assert row.name
    assert row.maker
    assert re.fullmatch(r"[a-z0-9.-]+", row.licence)
    assert row.size_label
    assert 0 < row.active_parameters <= row.parameters
    assert ABOUT[row.id] == row.about
    assert row.about.endswith(".")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_a_row_does_not_know_it_says(row: CatalogEntry):
    assert bool(row.file.sha256) != ("sha256" in row.unchecked)
    assert bool(row.context_length) != ("context_length" in row.unchecked)
    assert bool(row.metadata) != ("header" in row.unchecked)
    assert set(row.unchecked) <= {"size_bytes", "sha256", "licence", "context_length", "header"}


def test_the_catalog_has_no_address_and_no_row_twice():
    text = (files("resources") / "catalog.toml").read_text(encoding="utf-8")

    assert "://" not in text
    assert len(BY_ID) == len(ROWS) == len({(row.repository, row.file.name) for row in ROWS}) == len(ABOUT)
    assert [row.id for row in ROWS if row.is_default] == ["qwen3.5-4b"]
    assert isinstance(shipped().date, date)
    sizes = [row.parameters for row in ROWS if row.is_chat]
    assert sorted(sizes)[:4] == sizes[:4]
    assert {row.kind for row in ROWS} == set(Kind)


def test_the_vision_model_needs_its_projector():
    row = BY_ID["qwen3.5-4b"]

    assert row.projector == RemoteFile("mmproj-F16.gguf", 672423616, row.projector.sha256)
    assert row.size_bytes == 2740937888 + 672423616
    assert row.header.tensor_bytes == row.size_bytes


def test_the_facts_of_a_row_are_those_of_its_file(starter_model):
    ours, real = BY_ID["smollm2-135m"].header, read_header(starter_model)

    for name in ("architecture", "attention", "layers", "embedding_length", "vocabulary", "context_length"):
        assert getattr(ours, name) == getattr(real, name)


@pytest.mark.parametrize(
    ("row", "kv_mib"),
    [("qwen3-0.6b", 28 * 32), ("llama-3.2-1b", 16 * 16), ("gpt-oss-20b", 12 * 16 + 12 * 256 * 6 * 2048 / 2**20)],
)
def test_rows_with_facts_are_judged_exactly(row, kv_mib):
    fit = BY_ID[row].fit(Memory(64 * GIB, 60 * GIB))

    assert (fit.kv_bytes / 2**20, fit.context_length, fit.is_rough) == (kv_mib, 8192, False)


MIB = 1 << 20


@pytest.mark.parametrize(
    ("row", "plan", "length", "told_mib"),
    [
        ("qwen3.5-0.8b", Plan(sequences=4), 262_144, 3072 + 77.0625),
        ("qwen3.5-2b", Plan(sequences=4), 262_144, 3072 + 77.0625),
        ("qwen3.5-9b", Plan(sequences=1, cache_type="q8_0"), 262_144, 4352 + 50.25),
        ("gemma-4-12b", Plan(sequences=1, ubatch=512, cache_type="q8_0"), 16_384, 136 + 255),
    ],
)
def test_the_cache_of_a_row_is_what_llama_cpp_told_of_its_file(row, plan, length, told_mib):
    """The figures stand in logs that people published of these very models."""
    assert kv_bytes(BY_ID[row].header, length, plan) / MIB == told_mib


def test_layers_of_a_mixture_with_a_window_keep_what_llama_cpp_told():
    windowed = [layer for layer in BY_ID["gemma-4-26b-a4b"].header.attention.cache if layer.is_windowed]

    assert sum(layer.keys + layer.values for layer in windowed) * 2 * 1536 == 300 * MIB


def test_rows_without_facts_are_judged_roughly():
    row = replace(BY_ID["qwen3.5-9b"], metadata={})

    fit = row.fit(Memory(16 * GIB, 12 * GIB))

    assert (fit.is_rough, fit.verdict, fit.weights_bytes) == (True, Verdict.FITS, row.size_bytes)
    assert estimate(row.header, 8192, 12 * GIB, total_bytes=16 * GIB) == fit


def test_of_a_mixture_only_the_active_part_is_read():
    dense, mixture = BY_ID["qwen3.6-27b"], BY_ID["qwen3.6-35b-a3b"]

    assert dense.speed(50 * GB).tokens_per_s == pytest.approx(50 * GB / dense.size_bytes, rel=0.1)
    assert mixture.speed(50 * GB).tokens_per_s == pytest.approx(50 * GB / (mixture.size_bytes * 3 / 35), rel=0.3)
    assert mixture.speed(50 * GB, measured=Rates(tokens_per_s=4)).is_measured


def test_a_row_knows_its_offer_on_the_hub():
    row = BY_ID["qwen3-0.6b"]
    other = Offer("Q8_0", "Q8_0", Group.LARGE, (RemoteFile("Qwen3-0.6B-Q8_0.gguf"),))
    same = Offer("Q4_K_M", "Q4_K_M", Group.BALANCED, (RemoteFile(row.file.name),))

    assert row.offer_in(Repository(row.repository, offers=(other, same))) == same
    assert row.offer_in(Repository(row.repository, offers=(other,))) is None
    assert entry_for(row.repository, row.file.name) == row
    assert entry_for(row.repository, "another.gguf") is None
    assert row.as_repository().architecture == "qwen3"


# --- recommending ---


@pytest.mark.parametrize(
    ("total", "available", "bandwidth", "expected"),
    [
        (4, 0.5, 0, "smollm2-135m"),
        (4, 2, 10, "lfm2.5-1.2b"),
        (8, 5, 0, "qwen3.5-2b"),
        (16, 12, 20, "qwen3.5-4b"),
        (16, 12, 60, "qwen3.5-9b"),
        (16, 12, 32, "qwen3.5-9b"),
        (24, 20, 60, "gpt-oss-20b"),
        (32, 29, 20, "gemma-4-26b-a4b"),
        (64, 60, 20, "qwen3.6-35b-a3b"),
    ],
)
def test_the_largest_that_fits_at_a_readable_pace_is_recommended(total, available, bandwidth, expected):
    advice = recommended(Memory(total * GIB, int(available * GIB)), bandwidth=bandwidth * GB)

    assert advice.entry.id == expected
    assert advice.is_measured == (bandwidth > 0)


def test_what_is_of_use_here_stands_before_what_is_too_big_or_too_slow():
    memory, bandwidth = Memory(24 * GIB, 22 * GIB), 20 * GB
    best = recommended(memory, bandwidth=bandwidth).entry
    names = [entry.id for entry in ranked(best, memory, bandwidth=bandwidth, accelerator=None)]
    assert names[0] == best.id
    assert names.index("qwen3-0.6b") < names.index("qwen3.6-27b")  # slower than reading
    assert names.index("qwen3.6-27b") < names.index("bge-small-en-v1.5")
    small = Memory(4 * GIB, 2 * GIB)
    names = [entry.id for entry in ranked(best, small, bandwidth=100 * GB, accelerator=None)]
    assert names.index("smollm2-135m") < names.index("qwen3.5-9b")  # too big
    assert sorted(names) == sorted(entry.id for entry in catalog())


def test_the_reason_is_the_true_one():
    by_memory = recommended(Memory(8 * GIB, 5 * GIB))
    by_speed = recommended(Memory(16 * GIB, 12 * GIB), bandwidth=20 * GB)
    small = recommended(Memory(2 * GIB, GIB))

    assert by_memory.why == "The largest one that leaves room for other programs in the 5.4 GB of memory free here."
    assert "about 5 words a second" in by_speed.why
    assert by_speed.speed.tokens_per_s >= SLOWEST_TOKENS_PER_S
    assert small.why.startswith("The smallest model there is: this computer has only 1.1 GB")
    assert small.entry.id == "smollm2-135m"


def test_a_graphics_card_allows_a_larger_one():
    memory = Memory(16 * GIB, 12 * GIB)

    assert recommended(memory, accelerator=Accelerator(16 * GIB, 16 * GIB)).entry.id == "gemma-4-26b-a4b"
    assert recommended(memory, accelerator=Accelerator(24 * GIB, 24 * GIB)).entry.id == "qwen3.6-35b-a3b"


# --- reading and refreshing ---


@pytest.mark.parametrize(
    "text",
    [
        "schema = 2\ndate = 2026-01-01",
        "schema = 1",
        "schema = 1\ndate = 2026-01-01\n[[model]]\nid = 'x'",
        "schema = 1\ndate = 2026-01-01\nmodel = [3]",
        "not toml",
    ],
)
def test_another_schema_or_half_a_row_is_refused(text):
    with pytest.raises(ValueError, match=r"schema|well formed|TOML|Expected"):
        read_catalog(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [("sha256", "'xyz'"), ("size_bytes", "-1"), ("size_bytes", "true"), ("kind", "'song'"), ("licence", "''")],
)
def test_a_wrong_value_is_refused(field, value):
    row = as_toml(ROWS[:1], date(2026, 1, 1))

    with pytest.raises(ValueError, match=r"well formed|not a valid"):
        read_catalog(re.sub(rf"(?m)^{field} = .*$", f"{field} = {value}", row))


def test_writing_and_reading_change_nothing():
    assert read_catalog(as_toml(ROWS, shipped().date)) == shipped()
    assert tomllib.loads(as_toml(ROWS, shipped().date))["schema"] == 1


def offer(row: CatalogEntry, **changes: object) -> Offer:
    return Offer("X", "X", Group.BALANCED, (replace(row.file, **changes),), row.projector)


def test_refreshing_fills_in_what_was_not_known():
    row = replace(BY_ID["gemma-4-12b"], context_length=0, unchecked=("sha256", "licence", "context_length"))
    there = Repository(
        row.repository, licence="gemma", context_length=131072, offers=(offer(row, sha256="a" * 64, size_bytes=7 * GB),)
    )

    (new,), lines = refresh([row], lambda _name: there)

    assert (new.file.sha256, new.file.size_bytes, new.context_length) == ("a" * 64, 7 * GB, 131072)
    assert (new.licence, new.unchecked) == ("gemma", ())
    assert lines == [
        f"gemma-4-12b: size: 7121861440 → {7 * GB}",
        f"gemma-4-12b: checksum: not known → {'a' * 64}",
        "gemma-4-12b: licence: apache-2.0 → gemma",
        "gemma-4-12b: context length: not known → 131072",
    ]


def test_refreshing_notices_another_projector():
    row = BY_ID["qwen3.5-4b"]
    other = replace(offer(row), projector=RemoteFile("mmproj-F16.gguf", 5, "b" * 64))

    (new,), lines = refresh([row], lambda name: Repository(name, offers=(other,)))

    assert new.projector == other.projector
    assert [line.partition(" ")[0] for line in lines] == ["qwen3.5-4b:"]


def test_a_row_that_cannot_be_compared_stays_with_a_line():
    def fetch(name: str) -> Repository:
        if name == ROWS[0].repository:
            raise RepositoryNotFound(name=name)
        return Repository(name)

    rows, lines = refresh(ROWS[:2], fetch)

    assert rows == ROWS[:2]
    assert lines[0].startswith("smollm2-135m: There is no repository")
    assert lines[1] == "qwen3-0.6b: the file “Qwen3-0.6B-Q4_K_M.gguf” is not there any more"
