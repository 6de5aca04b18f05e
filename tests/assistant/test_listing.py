"""The list of models: whose each is, copies shown once, projectors with their models, what is gone, all of it quick."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.errors import ModelMissing
from assistant.models import facts, library, records
from assistant.models.facts import facts_cache
from assistant.models.listing import find_models
from assistant.models.model_file import ModelFile, Owner
from assistant.models.records import Record
from assistant.models.remote import Kind
from tests.fakes.gguf_files import Tensor, write_tiny_gguf
from tests.fakes.other_programs import in_hub_cache, in_ollama


def listed(home, *folders: Path, **options: bool) -> dict[str, ModelFile]:
    return {model.id: model for model in find_models(home, folders, **options) if not model.is_starter}


def test_other_programs_models_are_listed_with_their_owner(home, user):
    write_tiny_gguf(user / ".lmstudio" / "models" / "org" / "repo" / "m.gguf", general__name="Em")
    in_ollama(user / ".ollama" / "models", "library/llama3.2", "3b", general__name="inner name", projector=True)
    cached = in_hub_cache(user / ".cache/huggingface/hub", "org/repo", "n.gguf", general__name="En")

    found = listed(home)

    assert {name: model.owner.program for name, model in found.items()} == {
        "lmstudio/org/repo/m": "LM Studio",
        "ollama/llama3.2:3b": "Ollama",
        "huggingface/org/repo/n": "Hugging Face",
    }
    ollama = found["ollama/llama3.2:3b"]
    assert (ollama.name, ollama.kind, len(ollama.sha256)) == ("llama3.2:3b", Kind.VISION, 64)
    hub = found["huggingface/org/repo/n"]
    assert (hub.repository, hub.file, hub.sha256) == ("org/repo", "n.gguf", cached.resolve().name)
    assert library.resolve("ollama/llama3.2:3b", home) == ollama
    assert library.resolve("llama3.2", home) == ollama
    assert library.resolve("lmstudio/org", home).name == "Em"


def test_a_file_of_ours_knows_its_repository_by_its_folders(home):
    write_tiny_gguf(home.models / "org" / "repo" / "sub" / "m.gguf")

    model = listed(home)["org/repo/sub/m"]

    assert (model.owner, model.repository, model.file) == (Owner.OURS, "org/repo", "sub/m.gguf")


def test_models_of_another_folder_are_ours_too(home, tmp_path):
    write_tiny_gguf(home.models / "m.gguf")
    write_tiny_gguf(tmp_path / "big" / "m.gguf")
    write_tiny_gguf(tmp_path / "big" / "n.gguf")

    found = find_models(home, [tmp_path / "big", tmp_path / "gone"])[1:]

    assert {model.owner for model in found} == {Owner.OURS}
    assert [model.path.parent.name for model in found] == ["big", "models", "big"]
    assert [model.id.partition("-")[0] for model in found] == ["m", "m", "n"]
    assert len({model.id for model in found}) == 3


def test_a_chosen_folder_is_searched(home, tmp_path):
    write_tiny_gguf(tmp_path / "Weights" / "m.gguf")
    records.add_folder(tmp_path / "Weights", home)

    assert [(name, model.owner) for name, model in listed(home).items()] == [("Weights/m", Owner.ADDED)]
    assert "outside" in Owner.ADDED.words


def test_what_was_found_before_can_be_given(home, user):
    write_tiny_gguf(user / ".lmstudio" / "models" / "m.gguf")

    assert [model.is_starter for model in find_models(home, found=[])] == [True]


# --- copies ---


def test_the_same_file_under_two_names_is_one_model(home, user):
    path = write_tiny_gguf(user / ".lmstudio" / "models" / "m.gguf")
    (home.models / "link.gguf").symlink_to(path)

    assert list(listed(home)) == ["link"]


def test_another_programs_copy_is_shown_once_and_found_by_its_id(home, user):
    for path in (home.models / "m.gguf", user / ".lmstudio" / "models" / "m.gguf", user / "jan" / "models" / "m.gguf"):
        write_tiny_gguf(path)

    found = listed(home)

    assert list(found) == ["m"]
    assert [path.parts[-3] for path in found["m"].also_at] == [".lmstudio", "jan"]
    assert library.resolve("lmstudio/m", home).id == "m"
    assert library.resolve(found["m"].also_at[1], home).id == "m"


def test_other_bytes_of_the_same_size_are_another_model(home, user):
    write_tiny_gguf(home.models / "m.gguf")
    other = write_tiny_gguf(user / ".lmstudio" / "models" / "m.gguf")
    with other.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"x")

    assert sorted(listed(home)) == ["lmstudio/m", "m"]


def test_copies_of_a_persons_own_are_all_shown(home):
    for name in ("a", "b"):
        write_tiny_gguf(home.models / f"{name}.gguf")

    assert sorted(listed(home)) == ["a", "b"]


def test_a_persons_own_copies_are_all_shown_beside_another_programs(home, user):
    for path in (home.models / "a.gguf", home.models / "b.gguf", user / ".lmstudio" / "models" / "m.gguf"):
        write_tiny_gguf(path)

    assert sorted(listed(home)) == ["a", "b"]


def test_large_files_that_differ_at_their_end_are_two_models(home, user):
    paths = (home.models / "m.gguf", user / ".lmstudio" / "models" / "m.gguf")
    for path in paths:
        write_tiny_gguf(path, tensors=[Tensor("t", (1024, 768))])
    with paths[1].open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"x")

    assert paths[0].stat().st_size > 2 * facts.PROBE_BYTES
    assert sorted(listed(home)) == ["lmstudio/m", "m"]


def test_a_copy_that_cannot_be_read_is_not_compared(home, user):
    (home.models / "m.gguf").write_bytes(b"GGUF")
    (user / ".lmstudio" / "models").mkdir(parents=True)
    (user / ".lmstudio" / "models" / "m.gguf").write_bytes(b"GGUF")

    assert sorted(listed(home)) == ["lmstudio/m", "m"]


def test_a_link_of_another_program_to_nothing_is_no_model(home, user):
    link = in_hub_cache(user / ".cache/huggingface/hub", "org/repo", "n.gguf")
    link.resolve().unlink()

    assert listed(home) == {}


# --- projectors, embeddings ---


def test_a_projector_belongs_to_the_model_beside_it(home):
    folder = home.models / "org" / "repo"
    write_tiny_gguf(folder / "m.gguf")
    for label in ("F32", "F16", "Q8_0"):
        write_tiny_gguf(folder / f"mmproj-{label}.gguf", architecture="clip", general__type="mmproj")

    (model,) = listed(home).values()

    assert (model.projector, model.kind) == (folder / "mmproj-F16.gguf", Kind.VISION)


def test_a_projector_among_all_models_belongs_to_none(home):
    write_tiny_gguf(home.models / "m.gguf")
    write_tiny_gguf(home.models / "mmproj.gguf", architecture="clip", general__type="mmproj")

    assert listed(home)["m"].projector is None


def test_a_remembered_projector_wins(home):
    folder = home.models / "org" / "repo"
    path = write_tiny_gguf(folder / "m.gguf")
    for name in ("mmproj-F16", "mmproj-own"):
        write_tiny_gguf(folder / f"{name}.gguf", architecture="clip", general__type="mmproj")
    records.remember(Record(path, projector=folder / "mmproj-own.gguf"), home)

    assert listed(home)["org/repo/m"].projector == folder / "mmproj-own.gguf"


def test_embedding_models_are_listed_when_asked_for(home):
    write_tiny_gguf(home.models / "e.gguf", architecture="bert", pooling_type=1)
    write_tiny_gguf(home.models / "lora.gguf", general__type="adapter", pooling_type=1)

    assert listed(home) == {}
    assert {name: model.kind for name, model in listed(home, with_embedding=True).items()} == {"e": Kind.EMBEDDING}


# --- what is remembered ---


def test_a_model_shows_what_is_remembered_of_it(home):
    path = write_tiny_gguf(home.models / "m.gguf")
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    record = Record(
        path, repository="org/r", file="m.gguf", sha256={"m.gguf": "a" * 64}, last_used=moment, tokens_per_s=5
    )
    records.remember(record, home)

    model = listed(home)["m"]

    assert (model.repository, model.file, model.sha256) == ("org/r", "m.gguf", "a" * 64)
    assert (model.last_used, model.tokens_per_s) == (moment, 5)


def test_a_missing_model_keeps_what_was_known_of_it(home):
    path = write_tiny_gguf(home.models / "org" / "repo" / "m.gguf", general__name="Em")
    library.used(library.resolve("org/repo/m", home), library.Rates(7.0), home)
    before = listed(home)["org/repo/m"]
    path.unlink()

    gone = listed(home)["org/repo/m"]

    assert (gone.is_missing, gone.owner, type(gone.problem)) == (True, Owner.OURS, ModelMissing)
    for name in ("name", "path", "size_bytes", "quantization", "architecture", "repository", "tokens_per_s"):
        assert getattr(gone, name) == getattr(before, name)


def test_the_starter_is_never_missing(home):
    records.remember(Record(Path("/old/environment/starter.gguf"), id="starter"), home)

    assert listed(home) == {}


def test_a_missing_model_whose_id_is_taken_is_not_listed(home):
    write_tiny_gguf(home.models / "m.gguf")
    records.remember(Record(home.models / "old" / "m.gguf", id="m"), home)

    assert [model.is_missing for model in listed(home).values()] == [False]


# --- kept facts ---


def test_headers_are_read_once_and_kept_on_the_disk(home, monkeypatch):
    for number in range(3):
        write_tiny_gguf(home.models / f"{number}.gguf")
    before = listed(home)
    read: list[Path] = []
    real = facts.read_header
    monkeypatch.setattr(facts, "read_header", lambda path: read.append(path) or real(path))

    facts._cache.cache_clear()  # as after a start
    assert listed(home) == before
    assert read == []

    write_tiny_gguf(home.models / "1.gguf", general__name="changed")
    assert listed(home)["1"].name == "changed"
    assert read == [home.models / "1.gguf"]


def test_every_part_of_a_split_model_counts(home):
    first, second = (home.models / f"m-0000{number}-of-00002.gguf" for number in (1, 2))
    write_tiny_gguf(first, split__count=2, tensors=[Tensor("a", (64, 8))])
    write_tiny_gguf(second, split__count=2, tensors=[Tensor("b", (64, 8))])
    before = listed(home)["m"].size_bytes

    write_tiny_gguf(second, split__count=2, tensors=[Tensor("b", (64, 16))])
    assert listed(home)["m"].size_bytes == before + 64 * 8 * 4

    second.unlink()
    assert "m-00002-of-00002.gguf" in listed(home)["m"].problem.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"version": 0}',
        '{"version": 1, "files": []}',
        '{"version": 1, "files": {"/x": {"state": [], "facts": {}}}}',
        '{"version": 1, "files": {"/x": {"state": [1], "facts": FACTS}}}',
        "[" * 100_000,
    ],
)
def test_kept_facts_that_make_no_sense_are_made_anew(home, text):
    write_tiny_gguf(home.models / "m.gguf")
    before = listed(home)
    file = home.cache / "models.json"
    values = next(iter(json.loads(file.read_text())["files"].values()))["facts"]
    file.write_text(text.replace("FACTS", json.dumps(values)))
    facts._cache.cache_clear()

    assert listed(home) == before
    write_tiny_gguf(home.models / "n.gguf")
    assert len(listed(home)) == 2


def test_a_cache_that_cannot_be_written_does_no_harm(home):
    (home.cache / "models.json").mkdir()
    write_tiny_gguf(home.models / "m.gguf")

    assert list(listed(home)) == ["m"]


def test_facts_of_files_long_gone_are_dropped(home, monkeypatch):
    monkeypatch.setattr(facts, "MOST", 2)
    for name in ("a", "b", "c"):
        listed(home)
        write_tiny_gguf(home.models / f"{name}.gguf")
    listed(home)
    (home.models / "a.gguf").unlink()
    write_tiny_gguf(home.models / "d.gguf")
    listed(home)

    kept = json.loads((home.cache / "models.json").read_text())["files"]
    assert sorted(Path(path).stem for path in kept if home.models in Path(path).parents) == ["b", "c", "d"]


def test_a_fingerprint_of_what_is_gone_is_empty(home):
    assert facts_cache(home).fingerprint(home.models / "gone.gguf") == ""
