"""Where things are kept: one folder with INKSTONE_HOME, the system's places without."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant.errors import FolderUnusable
from assistant.paths import Paths


def folders(paths: Paths) -> list[Path]:
    return [paths.config, paths.data, paths.cache, paths.logs, paths.models]


def test_inkstone_home_moves_everything(tmp_path):
    paths = Paths.find({"INKSTONE_HOME": str(tmp_path / "x")})

    places = [*folders(paths), paths.database, paths.settings, paths.lock]
    assert all(place.is_relative_to(tmp_path / "x") for place in places)
    assert paths.database == tmp_path / "x" / "inkstone.db"


def test_the_environment_of_the_process_is_used_when_none_is_given(monkeypatch, tmp_path):
    monkeypatch.setenv("INKSTONE_HOME", str(tmp_path))

    assert Paths.find() == Paths.find({"INKSTONE_HOME": str(tmp_path)})


def test_a_relative_home_and_a_tilde_become_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "me"))

    assert Paths.find({"INKSTONE_HOME": "here"}).data == tmp_path / "here"
    assert Paths.find({"INKSTONE_HOME": "~/ink"}).data == tmp_path / "me" / "ink"


@pytest.mark.parametrize("environment", [{}, {"INKSTONE_HOME": ""}])
def test_without_it_the_systems_places_are_used(environment):
    paths = Paths.find(environment)

    assert all(folder.is_absolute() and "nkstone" in str(folder) for folder in folders(paths))
    assert paths.models == paths.data / "models"
    assert paths.settings == paths.config / "settings.toml"


def test_finding_creates_nothing(tmp_path):
    Paths.find({"INKSTONE_HOME": str(tmp_path / "x")})

    assert list(tmp_path.iterdir()) == []


def test_folders_are_made_for_this_user_alone(tmp_path):
    paths = Paths.find({"INKSTONE_HOME": str(tmp_path / "deep" / "x")})
    paths.make()
    paths.make()

    for folder in folders(paths):
        assert folder.is_dir()
        if os.name == "posix":
            assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(FolderUnusable) as caught:
        Paths.find({"INKSTONE_HOME": str(tmp_path / "file")}).make()
    assert str(tmp_path / "file") in caught.value.message
    assert "INKSTONE_HOME" in caught.value.hint


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    paths = Paths.find({"INKSTONE_HOME": str(tmp_path / "x")})
    paths.make()
    paths.config.chmod(0o500)

    with pytest.raises(FolderUnusable, match="ermission denied"):
        paths.make()
    paths.config.chmod(0o700)


def test_a_folder_that_the_system_calls_unwritable_is_named(tmp_path, monkeypatch):
    paths = Paths.find({"INKSTONE_HOME": str(tmp_path / "x")})
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)

    with pytest.raises(FolderUnusable, match="ermission denied"):
        paths.make()
