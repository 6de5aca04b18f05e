"""What is remembered of model files: written whole, read with care, and nothing of others lost."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.errors import FolderUnusable
from assistant.models import records
from assistant.models.records import LoadSettings, Record, all_records, record_of, remember

WHOLE = Record(
    path=Path("/models/a.gguf"),
    id="a",
    former_ids=("b", "c"),
    name="A",
    architecture="llama",
    quantization="Q4_0",
    size_bytes=5,
    repository="org/repo",
    commit="abc",
    file="a.gguf",
    sha256={"a.gguf": "0" * 64},
    projector=Path("/models/mmproj.gguf"),
    added_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    last_used=datetime(2026, 2, 2, tzinfo=UTC),
    tokens_per_s=7.25,
    prompt_tokens_per_s=80.5,
    load=LoadSettings(4096, 0, "q8_0"),
    sampling={"temperature": 0.5, "top_k": 40.0},
    system_prompt="Be\nbrief.",
    steps=LoadSettings(gpu_layers=12),
)


def document(home) -> dict:
    return tomllib.loads((home.config / "models.toml").read_text())


def write(home, text: str) -> None:
    (home.config / "models.toml").write_text(text)


def test_everything_comes_back(home):
    remember(WHOLE, home)

    assert all_records(home) == (WHOLE,)
    assert record_of(WHOLE.path, home) == WHOLE
    assert record_of(Path("/else.gguf"), home) == Record(Path("/else.gguf"))


def test_what_is_empty_is_not_written(home):
    remember(Record(Path("/models/a.gguf")), home)

    assert document(home) == {"model": [{"path": "/models/a.gguf"}]}


def test_a_record_replaces_the_one_of_the_same_path(home):
    for name in ("a", "b"):
        remember(Record(Path(f"/{name}.gguf"), name=name), home)

    remember(Record(Path("/a.gguf"), name="new", load=LoadSettings(context_length=512)), home)
    remember(Record(Path("/a.gguf"), name="newer"), home)

    assert [(record.name, record.load.is_empty) for record in all_records(home)] == [("newer", True), ("b", True)]


def test_a_moved_file_keeps_its_record(home):
    for name in ("a", "b", "c"):
        remember(Record(Path(f"/{name}.gguf"), name=name), home)

    remember(replace(record_of(Path("/a.gguf"), home), path=Path("/b.gguf")), home, instead_of=Path("/a.gguf"))

    assert [(str(one.path), one.name) for one in all_records(home)] == [("/b.gguf", "a"), ("/c.gguf", "c")]


def test_a_dropped_record_is_gone(home):
    for name in ("a", "b"):
        remember(Record(Path(f"/{name}.gguf")), home)

    records.drop([Path("/a.gguf"), Path("/c.gguf")], home)
    before = (home.config / "models.toml").stat().st_mtime_ns
    records.drop([Path("/c.gguf")], home)

    assert [str(record.path) for record in all_records(home)] == ["/b.gguf"]
    assert (home.config / "models.toml").stat().st_mtime_ns == before


def test_the_list_of_the_first_version_is_read_and_kept(home):
    write(home, '[[model]]\npath = "/old/x.gguf"\n\n[[model]]\npath = "/old/y.gguf"\n')

    assert all_records(home) == (Record(Path("/old/x.gguf")), Record(Path("/old/y.gguf")))
    remember(Record(Path("/old/y.gguf"), tokens_per_s=3), home)
    assert document(home)["model"] == [{"path": "/old/x.gguf"}, {"path": "/old/y.gguf", "tokens_per_s": 3.0}]


def test_what_is_not_known_here_stays(home):
    write(
        home,
        'later = 1\nfolders = ["/f"]\n[[model]]\npath = "/a.gguf"\nstars = 5\n[model.load]\nthreads = 4\n'
        'gpu_layers = 3\n[[model]]\nname = "no path"\n',
    )

    remember(replace(record_of(Path("/a.gguf"), home), name="A", load=LoadSettings(context_length=512)), home)

    found = document(home)
    assert (found["later"], found["folders"], found["model"][1]) == (1, ["/f"], {"name": "no path"})
    row = {"path": "/a.gguf", "stars": 5, "name": "A", "load": {"threads": 4, "context_length": 512}}
    assert found["model"][0] == row


def test_values_of_a_wrong_type_count_as_missing(home):
    write(
        home,
        '[[model]]\npath = "/a.gguf"\nname = 3\nsize_bytes = -1\nsha256 = "x"\nlast_used = "soon"\ntokens_per_s = "x"\n'
        'prompt_tokens_per_s = -4\nprojector = 4\nsampling = {temperature = "hot", top_k = true, top_p = 0.5}\n'
        'load = {gpu_layers = true, context_length = "long", cache_type = 8}\nsteps = [1]\nformer_ids = 3\n'
        '[[model]]\npath = "/a.gguf"\nname = "twice"\n',
    )

    assert all_records(home) == (Record(Path("/a.gguf"), sampling={"top_p": 0.5}),)


def test_a_time_without_a_zone_is_taken_as_utc(home):
    write(home, '[[model]]\npath = "/a.gguf"\nlast_used = 2026-01-02T03:04:05\nadded_at = 2026-01-02T03:04:05+02:00\n')

    (record,) = all_records(home)

    assert record.last_used == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert record.added_at == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)


@pytest.mark.allow_log("set aside as models.toml.broken-1")
def test_a_broken_file_is_set_aside_before_anything_is_written(home):
    write(home, "[[model")

    remember(Record(Path("/a.gguf")), home)

    assert (home.config / "models.toml.broken-1").read_text() == "[[model"
    assert [str(record.path) for record in all_records(home)] == ["/a.gguf"]


@pytest.mark.allow_log("list of models cannot be read")
def test_nothing_is_written_over_what_cannot_be_replaced(home):
    (home.config / "models.toml").mkdir()

    with pytest.raises(FolderUnusable):
        remember(Record(Path("/a.gguf")), home)


def test_folders_are_kept_once_and_in_order(home):
    for name in ("/b", "/a", "/b"):
        records.add_folder(Path(name), home)

    assert records.chosen_folders(home) == (Path("/b"), Path("/a"))
    assert all_records(home) == ()


def test_with_a_folder_goes_what_is_remembered_of_its_files(home):
    records.add_folder(Path("/b"), home)
    for name in ("/b/deep/x.gguf", "/c.gguf"):
        remember(Record(Path(name)), home)

    records.remove_folder(Path("/b"), home)
    records.remove_folder(Path("/never"), home)

    assert records.chosen_folders(home) == ()
    assert [str(record.path) for record in all_records(home)] == ["/c.gguf"]


@pytest.mark.parametrize("text", ["folders = 3", "folders = ['relative', 4]", "model = 3"])
def test_odd_folders_are_passed_over(home, text):
    write(home, text)

    assert records.chosen_folders(home) == ()
    assert all_records(home) == ()
