"""Model files on this computer: found, named, added, forgotten, and never in the way when one is bad."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assistant.errors import (
    ModelAmbiguous,
    ModelFileDamaged,
    ModelMissing,
    ModelNotFound,
    ModelUnsupported,
    NotAModelFile,
)
from assistant.i18n import use_language
from assistant.models import library, starter
from assistant.models.gguf import shard_paths
from assistant.models.records import all_records
from tests.fakes.gguf_files import Tensor, write_tiny_gguf


def added_paths(paths) -> list[Path]:
    return [record.path for record in all_records(paths)]


def ids(paths) -> list[str]:
    return [model.id for model in library.find_models(paths)]


def test_the_starter_is_found_without_importing_its_package(home):
    (model,) = library.find_models(home)

    assert (model.id, model.name, model.is_starter) == ("starter", "Starter (SmolLM2 135M)", True)
    assert (model.quantization, model.context_length, model.licence) == ("Q4_1", 8192, "apache-2.0")
    assert model.size_bytes == model.path.stat().st_size
    assert model.problem is None
    assert "Very small" in model.description
    assert starter.PACKAGE not in sys.modules


def test_without_the_starters_package_there_is_no_model(home, monkeypatch):
    monkeypatch.setattr(starter, "PACKAGE", "no_such_package_here")

    assert library.find_models(home) == []


def test_models_in_folders_below_are_found_by_name(home):
    write_tiny_gguf(home.models / "org" / "repo" / "B-Q4_0.gguf", general__name="Beta")
    write_tiny_gguf(home.models / "a.GGUF", general__name="alpha  \n two")
    write_tiny_gguf(home.models / "nameless.gguf", general__name=None)
    (home.models / ".half.gguf").write_bytes(b"x")
    (home.models / "notes.txt").write_text("x")

    found = library.find_models(home)

    assert [model.id for model in found] == ["starter", "a", "org/repo/B-Q4_0", "nameless"]
    assert [model.name for model in found[1:]] == ["alpha two", "Beta", "nameless"]
    assert found[1].description == ""


def test_a_bad_file_is_listed_with_its_problem(home):
    write_tiny_gguf(home.models / "good.gguf")
    (home.models / "page.gguf").write_text("<html>")
    (home.models / "cut.gguf").write_bytes(b"GGUF\x03")

    problems = {model.id: type(model.problem) for model in library.find_models(home)}

    expected = {"good": type(None), "page": NotAModelFile, "cut": ModelFileDamaged}
    assert {name: problems[name] for name in expected} == expected
    assert next(model for model in library.find_models(home) if model.id == "cut").size_bytes == 5


def test_what_cannot_chat_is_left_out(home):
    write_tiny_gguf(home.models / "mmproj.gguf", architecture="clip", general__type="mmproj")
    write_tiny_gguf(home.models / "embed.gguf", architecture="bert", pooling_type=1)

    assert ids(home) == ["starter"]


def test_a_split_model_is_one_model(home):
    for number, path in enumerate(shard_paths(home.models / "big-00001-of-00002.gguf")):
        write_tiny_gguf(path, general__name=None, split__count=2, tensors=[Tensor(f"t{number}", (64, 8))])

    model = library.resolve("big", home)

    assert (model.id, model.name, model.path.name) == ("big", "big", "big-00001-of-00002.gguf")
    assert library.resolve(home.models / "big-00002-of-00002.gguf", home) == model
    assert model.size_bytes == sum(path.stat().st_size for path in shard_paths(model.path))


def test_a_lone_later_part_is_a_damaged_model(home):
    write_tiny_gguf(home.models / "big-00002-of-00002.gguf")

    (problem,) = [model.problem for model in library.find_models(home) if model.id == "big"]

    assert isinstance(problem, ModelNotFound)


def test_a_replaced_file_is_read_again(home):
    path = write_tiny_gguf(home.models / "m.gguf", general__name="One")
    assert library.resolve("m", home).name == "One"

    write_tiny_gguf(path, general__name="Another")

    assert library.resolve("m", home).name == "Another"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "downloads" / "Tiny-7B.gguf", general__name="Tiny 7B")


def test_an_added_file_is_known_from_then_on(home, outside):
    added = library.add(outside, home)

    assert added.id.startswith("Tiny-7B-")
    assert library.find_models(home)[1] == added
    assert library.resolve("tiny", home) == library.resolve(added.id, home) == added


def test_adding_twice_or_what_is_known_changes_nothing(home, outside):
    inside = write_tiny_gguf(home.models / "inside.gguf")
    link = outside.parent / "link.gguf"
    link.symlink_to(outside)

    assert library.add(outside, home) == library.add(link, home)
    assert library.add(inside, home).id == "inside"
    assert library.add(str(starter.starter_path()), home).is_starter
    assert added_paths(home) == [outside]


def test_what_cannot_be_used_is_not_added(home, tmp_path):
    embedding = write_tiny_gguf(tmp_path / "e.gguf", architecture="bert", pooling_type=1)
    page = tmp_path / "page.gguf"
    page.write_text("<html>")

    for path, error in ((embedding, ModelUnsupported), (page, NotAModelFile), (tmp_path / "none.gguf", ModelNotFound)):
        with pytest.raises(error):
            library.add(path, home)
    assert added_paths(home) == []


def test_a_forgotten_file_stays_on_the_disk(home, outside):
    model = library.add(outside, home)

    library.forget(model.id, home)

    assert ids(home) == ["starter"]
    assert outside.exists()
    with pytest.raises(ModelNotFound):
        library.forget(model.id, home)


def test_an_added_file_that_is_gone_is_listed_with_that_problem(home, outside):
    model = library.add(outside, home)
    outside.unlink()

    gone = library.find_models(home)[1]

    assert (gone.id, gone.name, gone.size_bytes) == (model.id, "Tiny 7B", model.size_bytes)
    assert (gone.is_missing, type(gone.problem)) == (True, ModelMissing)
    with pytest.raises(ModelMissing, match="Tiny 7B"):
        library.resolve(model.id, home)


@pytest.mark.allow_log("was set aside as models.toml.broken-1")
def test_a_broken_list_of_files_is_set_aside(home, outside):
    (home.config / "models.toml").write_text("not [toml")

    assert ids(home) == ["starter"]
    assert (home.config / "models.toml.broken-1").read_text() == "not [toml"
    assert library.add(outside, home) in library.find_models(home)


@pytest.mark.parametrize(
    "text", ["model = 3", "[[model]]\npath = 3", "[[model]]\npath = 'relative.gguf'", "model = [1]"]
)
def test_odd_entries_of_the_list_are_passed_over(home, text):
    (home.config / "models.toml").write_text(text)

    assert ids(home) == ["starter"]


@pytest.mark.allow_log("list of models cannot be read")
def test_a_list_that_cannot_be_read_counts_as_empty(home, caplog):
    (home.config / "models.toml").mkdir()

    assert ids(home) == ["starter"]
    assert "cannot be read" in caplog.text


def test_a_model_is_found_by_id_name_beginning_or_path(home, outside, monkeypatch):
    write_tiny_gguf(home.models / "org" / "qwen3-4b.gguf", general__name="Qwen3 4B Instruct")
    monkeypatch.chdir(outside.parent)

    for name in (
        "org/qwen3-4b",
        "ORG/QWEN3",
        "qwen3-4b",
        "qwen3",
        "Qwen3 4B Instruct",
        home.models / "org/qwen3-4b.gguf",
    ):
        assert library.resolve(name, home).id == "org/qwen3-4b"
    for path in (outside, "Tiny-7B.gguf", "./Tiny-7B.gguf"):
        assert library.resolve(path, home).name == "Tiny 7B"


def test_a_name_of_several_models_is_ambiguous(home):
    for name in ("qwen3-4b", "qwen3-8b"):
        write_tiny_gguf(home.models / f"{name}.gguf")

    with pytest.raises(ModelAmbiguous, match="qwen3-4b, qwen3-8b"):
        library.resolve("qwen3", home)
    assert library.resolve("qwen3-8", home).id == "qwen3-8b"


def test_the_whole_name_wins_over_the_beginning_of_another(home):
    for name in ("phi", "phi-mini"):
        write_tiny_gguf(home.models / f"{name}.gguf", general__name=name)

    assert library.resolve("phi", home).id == "phi"


@pytest.mark.parametrize("name", ["", "nothing", "/no/such/file.gguf", "a\0b", "~nobody-here/x.gguf", "/", "x" * 5000])
def test_what_is_not_there_is_not_found(home, name):
    with pytest.raises(ModelNotFound):
        library.resolve(name, home)


def test_a_file_that_cannot_chat_is_refused_by_path(home, tmp_path):
    path = write_tiny_gguf(tmp_path / "mmproj.gguf", architecture="clip", general__type="mmproj")

    with pytest.raises(ModelUnsupported, match="clip"):
        library.resolve(path, home)


def test_a_file_called_starter_does_not_take_the_starters_place(home):
    write_tiny_gguf(home.models / "starter.gguf")

    assert library.resolve("starter", home).is_starter
    assert len(set(ids(home))) == 2


def test_the_starter_is_described_in_the_language_in_use(home):
    (model,) = library.find_models(home)

    use_language("zh_CN")
    try:
        assert model.description
    finally:
        use_language("en")
