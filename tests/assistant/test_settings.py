"""Settings: declared once, checked, kept in a file that no crash, full disk or odd content can take away."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from assistant.errors import DiskFull, FolderUnusable, SettingInvalid, SettingsSetAside, SettingsUnreadable
from assistant.i18n import N_
from assistant.safe_file import set_aside, write_safely
from assistant.settings import SECTIONS, SETTINGS, Effect, Kind, Setting, Settings, setting, settings_of
from assistant.settings.kinds import MAX_TEXT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


# --- declarations ---


@pytest.mark.parametrize("declared", SETTINGS, ids=lambda declared: declared.name)
def test_every_default_is_allowed_and_every_setting_has_its_place(declared):
    assert declared.check(declared.default) == declared.default
    assert declared.section in {section.id for section in SECTIONS}
    assert setting(declared.name) is declared


def test_every_shown_setting_has_a_label():
    for section in SECTIONS:
        if section.is_shown:
            assert section.label
            assert all(declared.label for declared in settings_of(section.id))


def test_names_are_declared_once():
    assert len({declared.name for declared in SETTINGS}) == len(SETTINGS)


def test_the_defaults_are_those_that_were_agreed(path):
    settings = Settings.load(path)

    assert settings.get("appearance.theme") == "system"
    assert settings.get("appearance.text_size", int) == 15
    assert settings.get("chat.ask_before_opening_links", bool) is True
    assert settings.get("model.context_length", int) == 0
    assert settings.get("model.gpu_layers", int) == -1
    assert settings.sampling() == {}
    assert setting("model.context_length").takes_effect is Effect.NEXT_LOAD


ALLOWED = [
    ("appearance.theme", "dark", "dark"),
    ("appearance.text_size", 22, 22),
    ("sampling.temperature", 1, 1.0),
    ("sampling.temperature", None, None),
    ("sampling.seed", -1, -1),
    ("model.context_length", 0, 0),
    ("model.context_length", 256, 256),
    ("chat.system_prompt", "a\nb", "a\nb"),
    ("window.sidebar_visible", False, False),
]


@pytest.mark.parametrize(("name", "value", "kept"), ALLOWED)
def test_an_allowed_value_survives_a_restart(path, name, value, kept):
    Settings.load(path).set(name, value)

    again = Settings.load(path)
    assert again.get(name) == kept
    assert type(again.get(name)) is type(kept)
    assert again.problem is None


REFUSED = [
    ("appearance.theme", "pink", "one of system, light, dark"),
    ("appearance.text_size", 12, "from 13 to 22"),
    ("appearance.text_size", 15.5, "from 13 to 22"),
    ("appearance.text_size", True, "from 13 to 22"),
    ("appearance.text_size", None, "from 13 to 22"),
    ("appearance.text_size", "15", "from 13 to 22"),
    ("sampling.temperature", float("nan"), "a number from 0 to 5"),
    ("sampling.top_k", 10**400, "from 0 to 1000"),
    ("model.context_length", 128, "from 256 to 4194304, or 0"),
    ("chat.ask_before_opening_links", 1, "either on or off"),
    ("chat.system_prompt", "x" * (MAX_TEXT + 1), "at most 100000 characters"),
    ("chat.system_prompt", 3, "at most"),
]


@pytest.mark.parametrize(("name", "value", "allowed"), REFUSED)
def test_another_value_is_refused_in_words_and_changes_nothing(path, name, value, allowed):
    settings = Settings.load(path)

    with pytest.raises(SettingInvalid) as caught:
        settings.set(name, value)

    assert allowed in caught.value.message
    assert settings.get(name) == setting(name).default
    assert not path.exists()


def test_a_setting_without_a_label_is_called_by_its_name():
    with pytest.raises(SettingInvalid, match="window.sidebar_visible".replace(".", r"\.")):
        setting("window.sidebar_visible").check("perhaps")


def test_a_name_nobody_declared_is_our_mistake(path):
    settings = Settings.load(path)

    for act in (lambda: settings.get("no.such"), lambda: settings.set("no.such", 1), lambda: settings.reset("no.such")):
        with pytest.raises(KeyError):
            act()
    with pytest.raises(TypeError):
        settings.get("appearance.theme", int)


def test_a_new_setting_needs_only_its_declaration():
    declared = Setting("chat.example", Kind.WHOLE, 3, N_("Chat"), minimum=1, maximum=5)

    assert (declared.section, declared.key, declared.is_optional) == ("chat", "example", False)
    assert declared.check(5) == 5


# --- the file ---


def test_only_what_differs_from_the_defaults_is_written(path):
    settings = Settings.load(path)
    settings.set("appearance.theme", "dark")
    settings.set("appearance.text_size", 20)
    settings.set("sampling.top_k", 20)
    settings.reset("appearance.text_size")
    settings.set("sampling.top_k", None)

    assert tomllib.loads(path.read_text()) == {"appearance": {"theme": "dark"}}
    assert settings.get("appearance.text_size") == 15


def test_sampling_that_was_fixed_is_handed_out_by_field_names(path):
    settings = Settings.load(path)
    settings.set("sampling.temperature", 0.5)
    settings.set("sampling.seed", 42)

    assert settings.sampling() == Settings.load(path).sampling() == {"temperature": 0.5, "seed": 42}


def test_setting_the_same_value_again_writes_nothing(path):
    settings = Settings.load(path)
    settings.set("appearance.theme", "system")
    assert not path.exists()

    settings.set("appearance.theme", "dark")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    settings.set("appearance.theme", "dark")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_unknown_keys_are_kept(path):
    path.write_text('[future]\nx = [1, 2]\n[appearance]\nglow = "much"\n')

    settings = Settings.load(path)
    settings.set("appearance.theme", "light")

    expected = {"future": {"x": [1, 2]}, "appearance": {"glow": "much", "theme": "light"}}
    assert tomllib.loads(path.read_text()) == expected
    assert settings.problem is None


def test_what_another_process_wrote_meanwhile_is_kept(path):
    window, terminal = Settings.load(path), Settings.load(path)

    window.set("appearance.theme", "dark")
    terminal.set("model.default", "starter")

    again = Settings.load(path)
    assert (again.get("appearance.theme"), again.get("model.default")) == ("dark", "starter")


def test_the_file_is_readable_by_its_owner_alone(path):
    Settings.load(path).set("appearance.theme", "dark")

    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]


BROKEN = [b"not [toml", b"\xff\xfe\x00", b"a = 1\na = 2\n", b"x = " + b"[" * 100_000, b"n = " + b"9" * 5000]


@pytest.mark.allow_log("settings_set_aside")
@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_set_aside_and_named(path, content):
    path.write_bytes(content)

    settings = Settings.load(path)

    kept = path.with_name("settings.toml.broken-1")
    assert isinstance(settings.problem, SettingsSetAside)
    assert str(kept) in settings.problem.hint
    assert kept.read_bytes() == content
    assert not path.exists()
    settings.set("appearance.theme", "dark")
    assert Settings.load(path).get("appearance.theme") == "dark"


@pytest.mark.allow_log("settings_set_aside")
def test_earlier_broken_files_are_not_overwritten(path):
    for number in (1, 2, 3):
        path.write_text(f"broken {number}")
        Settings.load(path)

    assert [path.with_name(f"settings.toml.broken-{n}").read_text() for n in (1, 2, 3)] == [
        "broken 1",
        "broken 2",
        "broken 3",
    ]


def test_a_file_broken_while_running_is_set_aside_before_it_is_written(path):
    settings = Settings.load(path)
    path.write_text("not [toml")

    settings.set("appearance.theme", "dark")

    assert isinstance(settings.problem, SettingsSetAside)
    assert path.with_name("settings.toml.broken-1").read_text() == "not [toml"
    assert Settings.load(path).get("appearance.theme") == "dark"


@pytest.mark.allow_log("is not allowed")
def test_single_values_that_are_not_allowed_give_way_to_the_default(path):
    path.write_text('[appearance]\ntheme = "pink"\ntext_size = 99\nlanguage = "en"\n[sampling]\ntemperature = true\n')

    settings = Settings.load(path)

    assert settings.get("appearance.theme") == "system"
    assert settings.get("appearance.text_size") == 15
    assert settings.get("appearance.language") == "en"
    assert settings.get("sampling.temperature") is None
    wrong = [problem.values["setting"] for problem in settings.problems]
    assert wrong == ["appearance.theme", "appearance.text_size", "sampling.temperature"]
    assert "pink" in str(settings.problem)


def test_a_value_where_a_table_should_be_is_replaced_when_needed(path):
    path.write_text("appearance = 3\n")

    settings = Settings.load(path)
    settings.set("appearance.theme", "dark")

    assert Settings.load(path).get("appearance.theme") == "dark"


@pytest.mark.allow_log("settings_unreadable")
def test_a_file_that_cannot_be_read_is_named_and_defaults_hold(path):
    path.mkdir()

    settings = Settings.load(path)

    assert isinstance(settings.problem, SettingsUnreadable)
    assert settings.get("appearance.theme") == "system"
    with pytest.raises(FolderUnusable):
        settings.set("appearance.theme", "dark")
    assert settings.get("appearance.theme") == "system"


def test_a_byte_order_mark_does_no_harm(path):
    path.write_bytes(b"\xef\xbb\xbf[appearance]\ntheme = 'dark'\n")

    assert Settings.load(path).get("appearance.theme") == "dark"


# --- writing safely ---

FULL_DISK = """
import resource, sys
from pathlib import Path
from assistant.errors import DiskFull
from assistant.settings import Settings
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
settings = Settings.load(Path(sys.argv[1]))
try:
    settings.set("chat.system_prompt", "x" * 1000)
except DiskFull as error:
    print(error.message)
    print(settings.get("chat.system_prompt") == "")
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of file size are of Unix")
@pytest.mark.usefixtures("bare_children")
def test_a_full_disk_is_named_and_leaves_the_old_file(path):
    Settings.load(path).set("appearance.theme", "dark")
    before = path.read_bytes()

    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, path], capture_output=True, text=True, check=True, timeout=60
    )

    assert run.stdout.splitlines() == [DiskFull(path=path).message, "True"]
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]


def test_a_folder_that_is_gone_is_named(tmp_path):
    with pytest.raises(FolderUnusable, match="No such file"):
        write_safely(tmp_path / "gone" / "x.toml", b"x")


def test_a_link_is_followed_not_replaced(tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_text("old")
    link.symlink_to(real)

    write_safely(link, b"new")

    assert link.is_symlink()
    assert real.read_text() == "new"


def test_what_cannot_be_set_aside_stays(tmp_path):
    missing = tmp_path / "none.toml"

    assert set_aside(missing) == missing


@pytest.mark.usefixtures("bare_children")
def test_importing_the_settings_reads_no_toml_library():
    code = "import sys, assistant.settings; print([name for name in ('tomllib', 'tomli_w') if name in sys.modules])"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert run.stdout.strip() == "[]"
