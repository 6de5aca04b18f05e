"""Other programs' models: found where each program keeps them, in bounds, whatever stands in the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant.models.discover import Budget, Found, discover, gguf_files
from assistant.models.model_file import Owner
from assistant.models.places import Places
from tests.fakes import other_programs
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.other_programs import in_hub_cache, in_jan, in_ollama, places


def found(home: Path, **environment: str) -> list[Found]:
    return list(discover(places(home, **environment)))


def ids(models: list[Found]) -> list[str]:
    return [model.id for model in models]


# --- the hub's cache ---


@pytest.mark.parametrize(
    ("hub", "variables"),
    [
        (".cache/huggingface/hub", {}),
        ("x/huggingface/hub", {"XDG_CACHE_HOME": "x"}),
        ("hf/hub", {"HF_HOME": "hf"}),
        ("there", {"HF_HUB_CACHE": "there", "HF_HOME": "elsewhere"}),
    ],
)
def test_the_hubs_cache_is_where_its_variables_say(tmp_path, hub, variables):
    in_hub_cache(tmp_path / hub, "org/repo", "m.gguf")

    environment = {name: str(tmp_path / value) for name, value in variables.items()}
    assert ids(found(tmp_path, **environment)) == ["huggingface/org/repo/m"]


def test_a_cached_file_knows_where_it_came_from(tmp_path):
    link = in_hub_cache(tmp_path / "hub", "org/repo--name", "sub/m-Q4_0.gguf", "abc")

    (model,) = found(tmp_path, HF_HUB_CACHE=str(tmp_path / "hub"))

    assert model == Found(
        id="huggingface/org/repo--name/sub/m-Q4_0",
        path=link,
        owner=Owner.HUGGING_FACE,
        repository="org/repo--name",
        commit="abc",
        file="sub/m-Q4_0.gguf",
        sha256=link.resolve().name,
    )


def test_a_blob_shared_by_repositories_is_behind_two_links(tmp_path):
    hub = tmp_path / ".cache" / "huggingface" / "hub"
    link = in_hub_cache(hub, "org/repo", "m.gguf")
    checksum = link.resolve().name
    shared = other_programs.share_blob(link, hub)

    (model,) = found(tmp_path)

    assert (model.path.resolve(), model.sha256) == (shared, checksum)


def test_of_several_snapshots_the_one_in_use_wins(tmp_path):
    hub = tmp_path / ".cache" / "huggingface" / "hub"
    old = in_hub_cache(hub, "org/repo", "m.gguf", "c1", general__name="old")
    new = in_hub_cache(hub, "org/repo", "m.gguf", "c0", general__name="new")
    lone = in_hub_cache(hub, "org/repo", "only-old.gguf", "c1", main=False)

    assert [model.path for model in found(tmp_path)] == [new, lone]

    (hub / "models--org--repo" / "refs" / "main").write_text("c1")
    assert [model.path for model in found(tmp_path)] == [old, lone]


def test_what_is_no_repository_with_models_is_passed_over(tmp_path):
    hub = tmp_path / ".cache" / "huggingface" / "hub"
    in_hub_cache(hub, "org/data", "x.gguf")
    (hub / "models--org--data").rename(hub / "datasets--org--data")
    (hub / "models--bert").mkdir()
    (hub / "models--a--b" / "snapshots" / "c").mkdir(parents=True)
    (hub / "models--a--b" / "snapshots" / "c" / "copied.gguf").write_bytes(b"GGUF")
    (hub / "version.txt").write_text("1")

    (model,) = found(tmp_path)

    assert (model.id, model.sha256) == ("huggingface/a/b/copied", "")


# --- LM Studio, GPT4All ---


@pytest.mark.parametrize("folder", [".lmstudio/models", ".cache/lm-studio/models"])
def test_lm_studios_models_lie_by_maker_and_repository(tmp_path, folder):
    write_tiny_gguf(tmp_path / folder / "org" / "repo" / "m.gguf")
    write_tiny_gguf(tmp_path / folder / "loose.gguf")
    (tmp_path / folder / "org" / "repo" / "downloading_n.gguf.part").write_bytes(b"x")

    loose, model = found(tmp_path)

    assert (model.id, model.repository, model.file) == ("lmstudio/org/repo/m", "org/repo", "m.gguf")
    assert (loose.id, loose.repository, loose.owner) == ("lmstudio/loose", "", Owner.LM_STUDIO)


def test_lm_studios_chosen_folder_is_looked_into(tmp_path):
    write_tiny_gguf(tmp_path / "big disk" / "org" / "repo" / "m.gguf")
    settings = tmp_path / ".lmstudio" / "settings.json"
    settings.parent.mkdir()

    for text, expected in (
        (f'{{"downloadsFolder": "{tmp_path}/big disk"}}', ["lmstudio/org/repo/m"]),
        ('{"downloadsFolder": "relative"}', []),
        ('{"downloadsFolder": 3}', []),
        ("[]", []),
        ("{", []),
    ):
        settings.write_text(text)
        assert ids(found(tmp_path)) == expected


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", ".local/share/nomic.ai/GPT4All"),
        ("darwin", "Library/Application Support/nomic.ai/GPT4All"),
        ("win32", "AppData/Local/nomic.ai/GPT4All"),
    ],
)
def test_gpt4alls_models_lie_in_one_folder(tmp_path, platform, folder):
    write_tiny_gguf(tmp_path / folder / "m.gguf")
    (tmp_path / folder / "incomplete-n.gguf").write_bytes(b"GGUF")
    (tmp_path / folder / ".hidden.gguf").write_bytes(b"GGUF")

    assert ids(list(discover(places(tmp_path, platform)))) == ["gpt4all/m"]


def test_windows_folders_are_taken_from_the_environment(tmp_path):
    write_tiny_gguf(tmp_path / "local" / "nomic.ai" / "GPT4All" / "m.gguf")
    in_jan(tmp_path / "roaming" / "Jan" / "data", "n")

    windows = places(tmp_path, "win32", LOCALAPPDATA=str(tmp_path / "local"), APPDATA=str(tmp_path / "roaming"))

    assert ids(list(discover(windows))) == ["jan/n", "gpt4all/m"]


# --- Jan ---


@pytest.mark.parametrize("data", ["jan", ".local/share/Jan/data"])
def test_jans_descriptions_name_the_files(tmp_path, data):
    path = in_jan(tmp_path / data, "org/qwen")
    projector = write_tiny_gguf(path.with_name("mmproj.gguf"), general__type="mmproj")
    with (path.parent / "model.yml").open("a") as file:
        file.write(f"\nmmproj_path: 'llamacpp/models/org/qwen/mmproj.gguf'\nmodel_sha256: {'a' * 64}\n")

    (model,) = found(tmp_path)

    assert model == Found(
        "jan/org/qwen", path, Owner.JAN, name="qwen", sha256="a" * 64, projector=projector.with_name("mmproj.gguf")
    )


def test_jan_may_point_elsewhere(tmp_path):
    path = in_jan(tmp_path / "jan", "imported", elsewhere=tmp_path / "disk" / "x.gguf")

    assert [(model.id, model.path) for model in found(tmp_path)] == [("jan/imported", path)]


@pytest.mark.parametrize("text", ["", "model_path:", "model_path: none.gguf", "- model_path: x", "model_path: a\0b"])
def test_jans_files_are_found_without_a_description_that_helps(tmp_path, text):
    path = in_jan(tmp_path / "jan", "m")
    (path.parent / "model.yml").write_text(text)

    assert ids(found(tmp_path)) == ["jan/m/model"]


# --- Ollama ---


def test_ollamas_manifests_name_the_blobs(tmp_path):
    store = tmp_path / ".ollama" / "models"
    blob = in_ollama(store, "library/llama3.2", "3b", projector=True)
    in_ollama(store, "someone/tuned", "latest", general__name="t")
    in_ollama(store, "org/repo-GGUF", "Q4_K_M", registry="hf.co", general__name="h")

    from_hub, model, tuned = found(tmp_path)

    assert (model.id, model.name, model.path) == ("ollama/llama3.2:3b", "llama3.2:3b", blob)
    assert model.sha256 == blob.name.removeprefix("sha256-")
    assert model.projector is not None
    assert model.projector.parent == blob.parent
    assert (tuned.name, tuned.projector) == ("someone/tuned:latest", None)
    assert (from_hub.name, from_hub.repository) == ("hf.co/org/repo-GGUF:Q4_K_M", "org/repo-GGUF")


def test_ollamas_store_of_the_system_or_the_one_that_is_set(tmp_path):
    in_ollama(tmp_path / "root" / "usr" / "share" / "ollama" / ".ollama" / "models", "library/a", "latest")
    in_ollama(tmp_path / "set", "library/b", "latest")

    assert ids(found(tmp_path)) == ["ollama/a:latest"]
    assert ids(found(tmp_path, OLLAMA_MODELS="~/set")) == ["ollama/b:latest"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        '{"layers": 3}',
        '{"layers": [{"mediaType": 3, "digest": 4}]}',
        '{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../etc/passwd"}]}',
        '{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:' + "0" * 64 + '"}]}',
        '{"layers": [' + "[" * 100_000 + "]}",
        " " * (1 << 21),
    ],
)
def test_a_manifest_that_makes_no_sense_is_passed_over(tmp_path, text):
    store = tmp_path / ".ollama" / "models"
    in_ollama(store, "library/a", "latest")
    manifest = store / "manifests" / "registry.ollama.ai" / "library" / "a" / "latest"
    manifest.write_text(text)
    (manifest.parent.parent / "stray").write_text("{}")

    assert found(tmp_path) == []


# --- chosen folders, and bounds ---


def test_a_chosen_folder_is_looked_into(tmp_path):
    write_tiny_gguf(tmp_path / "Files" / "deep" / "m-00001-of-00002.gguf")
    write_tiny_gguf(tmp_path / "Files" / "deep" / "m-00002-of-00002.gguf")

    (model,) = discover(places(tmp_path / "nobody"), [tmp_path / "Files", tmp_path / "gone"])

    assert (model.id, model.owner, model.path.name) == ("Files/deep/m", Owner.ADDED, "m-00001-of-00002.gguf")


def test_links_are_followed_into_no_folder_twice(tmp_path):
    path = write_tiny_gguf(tmp_path / "disk" / "m.gguf")
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "elsewhere").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "back").symlink_to(folder)
    (folder / "self").symlink_to(folder)
    (folder / "gone.gguf").symlink_to(tmp_path / "nothing")

    assert gguf_files(folder) == [folder / "elsewhere" / "m.gguf", folder / "gone.gguf"]
    assert path.exists()


@pytest.mark.skipif(os.name == "nt", reason="folders are not closed by their mode there")
def test_what_may_not_be_read_is_passed_over(tmp_path, monkeypatch):
    write_tiny_gguf(tmp_path / ".lmstudio" / "models" / "open" / "m.gguf")
    closed = tmp_path / ".lmstudio" / "models" / "closed"
    write_tiny_gguf(closed / "n.gguf")
    real = os.scandir

    def scandir(folder: Path):
        if Path(folder) == closed:  # a mode does not keep root out
            raise PermissionError(13, "Permission denied", str(folder))
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)

    assert ids(found(tmp_path)) == ["lmstudio/open/m"]


def test_a_search_ends_when_too_much_is_there(tmp_path):
    for number in range(20):
        write_tiny_gguf(tmp_path / ".lmstudio" / "models" / f"{number:02}.gguf")

    assert len(list(discover(places(tmp_path), budget=Budget(entries=5)))) == 5


def test_a_search_ends_when_it_takes_too_long(tmp_path):
    for number in range(20):
        write_tiny_gguf(tmp_path / ".lmstudio" / "models" / f"{number:02}.gguf")
    seconds = iter(range(1000))

    assert len(list(discover(places(tmp_path), budget=Budget(seconds=8, clock=lambda: next(seconds))))) == 7


def test_a_search_goes_only_so_deep(tmp_path):
    path = tmp_path
    for number in range(12):
        path = path / str(number)
        write_tiny_gguf(path / "m.gguf")

    assert len(gguf_files(tmp_path)) == 8


def test_a_user_without_a_home_has_no_models(tmp_path):
    (tmp_path / ".ollama").write_text("a file")

    assert found(tmp_path) == []
    assert found(tmp_path, HF_HUB_CACHE="relative", OLLAMA_MODELS="a\0b") == []


def test_the_places_are_those_of_whoever_runs_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("OLLAMA_MODELS")
    in_ollama(tmp_path / ".ollama" / "models", "library/mine", "latest")

    assert "ollama/mine:latest" in ids(list(discover()))
    assert Places.here().hugging_face == [tmp_path / ".cache" / "huggingface" / "hub"]
