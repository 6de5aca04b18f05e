"""``inkstone models`` before a fake hub."""

import json
import signal
import subprocess
import sys

import pytest

from assistant import cli
from assistant.memory import Memory
from assistant.models.catalog import catalog, read_catalog
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.hub import Fault, gguf_bytes
from tests.fakes.scripted_worker import COMMAND

NAME = "maker/Tiny-GGUF"
CONTENT = gguf_bytes(900_000, seed=1)


@pytest.fixture
def terminal(home, hub, monkeypatch, capsys):
    hub.add(
        NAME,
        {"Tiny-Q4_K_M.gguf": CONTENT, "Tiny-Q8_0.gguf": gguf_bytes(1_200_000, seed=2)},
        downloads=12_345,
        licence="mit",
    )
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)

    def run(*words, is_watched=True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: is_watched)
        code = cli.main(["models", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def lines(out):
    return [json.loads(line) for line in out.splitlines()]


def download(terminal):
    code, out, _err = terminal("download", NAME, "--json")
    assert code == 0, out
    return lines(out)


def test_the_list_judges_what_is_here(terminal, home):
    write_tiny_gguf(home.models / "mine.gguf")
    code, out, _err = terminal("list", "--json")
    rows = {row["id"]: row for row in lines(out)}
    assert code == 0
    assert rows["mine"]["verdict"] == "fits"
    assert {"type", "id", "path", "size_bytes", "quantization", "context_length", "licence", "verdict"} <= set(
        rows["mine"]
    )
    assert "mine" in terminal("list")[1]


def test_the_catalog_needs_no_network(terminal, hub):
    _code, out, _err = terminal("catalog", "--json")
    rows = lines(out)
    assert {row["id"].partition(":")[0] for row in rows} == {entry.repository for entry in catalog()}
    assert [row["is_recommended"] for row in rows].count(True) == 1
    assert {row["verdict"] for row in rows} <= {"fits", "tight", "too_big"}
    assert "GB" in terminal("catalog")[1]
    assert len(hub.log.of("hub", "*")) == 0


def test_the_search_prints_a_line_each(terminal, hub):
    hub.add("other/Tiny-Two-GGUF", {"t-Q4_0.gguf": gguf_bytes(1000)}, downloads=1)
    _code, out, _err = terminal("search", "tiny", "--json", "--sort", "downloads")
    assert [row["id"] for row in lines(out)] == [NAME, "other/Tiny-Two-GGUF"]
    assert lines(out)[0]["licence"] == "mit"
    assert len(lines(terminal("search", "tiny", "--json", "--limit", "1")[1])) == 1
    assert NAME in terminal("search", "tiny")[1]


def test_information_on_a_repository_has_its_files(terminal):
    _code, out, _err = terminal("info", NAME, "--json")
    rows = lines(out)
    assert [row["id"] for row in rows] == [f"{NAME}:Q4_K_M", f"{NAME}:Q8_0"]
    assert rows[0]["files"][0]["size_bytes"] == len(CONTENT)
    assert rows[0]["is_recommended"]
    assert "* maker/Tiny-GGUF:Q4_K_M" in terminal("info", NAME)[1]


def test_information_on_a_model_here(terminal, home):
    write_tiny_gguf(home.models / "mine.gguf")
    (row,) = lines(terminal("info", "mine", "--json")[1])
    assert row["path"] == str(home.models / "mine.gguf")
    assert row["architecture"] == "llama"
    assert row["has_template"]
    assert "llama" in terminal("info", "mine")[1]


@pytest.mark.parametrize("name", [NAME, f"{NAME}:Q8_0", f"{NAME}/Tiny-Q8_0.gguf"])
def test_whether_it_fits(terminal, name, monkeypatch):
    monkeypatch.setattr("assistant.market.judging.known_bandwidth", lambda _folder: 10**10)
    code, out, err = terminal("fit", name, "--json", "--context", "1024")
    assert code == 0, err
    (row,) = lines(out)
    assert row["verdict"] == "fits"
    assert row["context_length"] == 1024
    total = row["weights_bytes"] + row["kv_bytes"] + row["compute_bytes"] + row["overhead_bytes"]
    assert row["total_bytes"] == total
    assert row["tokens_per_s"] > 0


def test_whether_a_file_here_fits(terminal, home, monkeypatch):
    monkeypatch.setattr("assistant.market.judging.known_bandwidth", lambda _folder: 10**10)
    path = write_tiny_gguf(home.models / "mine.gguf")
    assert lines(terminal("fit", str(path), "--json")[1])[0]["verdict"] == "fits"
    assert "Fits" in terminal("fit", "mine")[1]


def test_a_download_reports_and_ends_with_its_checksum(terminal, home, hub):
    *progress, done = download(terminal)
    path = home.models / "maker/Tiny-GGUF/Tiny-Q4_K_M.gguf"
    assert {row["type"] for row in progress} == {"progress"}
    assert {"bytes_done", "bytes_total", "state"} <= set(progress[0])
    assert (done["type"], done["path"]) == ("done", str(path))
    assert done["sha256"] == hub.repositories[NAME].at("main")[1]["Tiny-Q4_K_M.gguf"].sha256
    assert path.read_bytes() == CONTENT
    assert done["id"] in [row["id"] for row in lines(terminal("list", "--json")[1])]


def test_a_download_by_quantization_shows_a_bar_on_a_terminal(terminal, home):
    code, out, err = terminal("download", f"{NAME}:q8_0")
    assert code == 0
    assert "Tiny-Q8_0.gguf" in out
    assert "█" in err
    assert (home.models / "maker/Tiny-GGUF/Tiny-Q8_0.gguf").exists()


def test_a_download_that_nobody_watches_is_told_in_json_lines(terminal):
    code, out, err = terminal("download", NAME, is_watched=False)
    *progress, done = lines(out)
    assert (code, done["type"], err) == (0, "done", "")
    assert progress[0]["type"] == "progress"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("maker/None-GGUF", "repository_not_found"),
        (f"{NAME}:Q2_K", "remote_file_not_found"),
        ("nothing", "model_not_found"),
        ("https://example.com/x/y/z", "reference_invalid"),
        ("a/../b", "reference_invalid"),
    ],
)
def test_what_cannot_be_had_is_a_sentence(terminal, name, kind):
    code, out, _err = terminal("download", name, "--json")
    error = lines(out)[-1]
    assert (code, error["type"], error["kind"]) == (1, "error", kind)
    assert error["message"]
    code, _out, err = terminal("download", name)
    assert code == 1
    assert error["message"] in err


def test_a_gated_repository_names_its_page(terminal, hub):
    hub.add("maker/Gated-GGUF", {"g-Q4_0.gguf": gguf_bytes(1000)}, gated="manual")
    code, out, _err = terminal("download", "maker/Gated-GGUF", "--json")
    assert (code, lines(out)[-1]["kind"]) == (1, "repository_gated")
    assert f"{hub.endpoint}/maker/Gated-GGUF" in lines(out)[-1]["hint"]


def test_verifying_compares_with_the_checksum(terminal, home):
    *_progress, done = download(terminal)
    (row,) = lines(terminal("verify", done["id"], "--json")[1])
    assert row["has_checksum"]
    path = home.models / "maker/Tiny-GGUF/Tiny-Q4_K_M.gguf"
    path.write_bytes(CONTENT[:-1] + b"!")
    code, out, _err = terminal("verify", done["id"], "--json")
    assert (code, lines(out)[-1]["kind"]) == (1, "model_damaged")


def test_a_file_without_a_checksum_is_sound_at_best(terminal, home):
    write_tiny_gguf(home.models / "mine.gguf")
    assert "no checksum" in terminal("verify", "mine")[1]


def test_importing_in_place_and_as_a_copy(terminal, home, tmp_path):
    path = write_tiny_gguf(tmp_path / "elsewhere" / "own.gguf")
    (row,) = lines(terminal("import", str(path), "--json")[1])
    assert row["path"] == str(path)
    (copied,) = lines(terminal("import", str(path), "--copy", "--json")[1])
    assert copied["path"] == str(home.models / "own.gguf")
    assert (home.models / "own.gguf").read_bytes() == path.read_bytes()


def test_importing_a_folder_looks_through_it_from_now_on(terminal, tmp_path):
    write_tiny_gguf(tmp_path / "weights" / "own.gguf")
    (row,) = lines(terminal("import", str(tmp_path / "weights"), "--json")[1])
    assert (row["path"], row["count"]) == (str(tmp_path / "weights"), 1)
    assert "weights/own" in [listed["id"] for listed in lines(terminal("list", "--json")[1])]


def test_removing_needs_force_for_what_is_not_ours(terminal, home, tmp_path):
    path = write_tiny_gguf(tmp_path / "elsewhere" / "own.gguf")
    (row,) = lines(terminal("import", str(path), "--json")[1])
    code, out, _err = terminal("remove", row["id"], "--json")
    assert (code, lines(out)[0]["kind"]) == (1, "model_not_ours")
    assert path.exists()
    assert "was moved to the trash" in terminal("remove", row["id"], "--force")[1]
    assert not path.exists()


def test_what_went_for_good_is_not_said_to_be_in_the_trash(terminal, home, monkeypatch):
    from send2trash import TrashPermissionError  # it looks for the home of the user when it is imported

    def refuse(path):
        raise TrashPermissionError(path)

    monkeypatch.setattr("send2trash.send2trash", refuse)
    for name in ("mine", "gone"):
        write_tiny_gguf(home.models / f"{name}.gguf")
    terminal("import", str(home.models / "gone.gguf"))
    assert lines(terminal("remove", "mine", "--json")[1])[0]["outcome"] == "deleted"
    assert not (home.models / "mine.gguf").exists()
    assert "for good" in terminal("remove", "gone")[1]


def test_a_trash_that_refuses_is_told(terminal, home, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "in use", path)

    monkeypatch.setattr("send2trash.send2trash", refuse)
    path = write_tiny_gguf(home.models / "mine.gguf")
    code, out, _err = terminal("remove", "mine", "--json")
    assert (code, lines(out)[0]["kind"]) == (1, "model_not_deleted")
    assert path.exists()


def test_the_terminal_judges_by_the_same_measure_as_the_window(terminal, home, monkeypatch, tmp_path):
    write_tiny_gguf(home.models / "mine.gguf")
    gib = 1 << 30
    monkeypatch.setattr("assistant.market.judging.memory", lambda: Memory(2 * gib, gib))  # none left for a model
    asked = [lines(terminal(*words, "mine", "--json")[1])[0]["verdict"] for words in (["info"], ["fit"])]
    listed = {row["id"]: row["verdict"] for row in lines(terminal("list", "--json")[1])}
    assert [*asked, listed["mine"]] == ["too_big"] * 3
    assert {row["verdict"] for row in lines(terminal("catalog", "--json")[1])} == {"too_big"}

    (tmp_path / "libggml-cuda.so").touch()
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
    monkeypatch.setattr("assistant.engine.engine.WORKER", (*COMMAND, "--model", "gpu"))  # a card with 8 GiB
    asked = [lines(terminal(*words, "mine", "--json")[1])[0]["verdict"] for words in (["info"], ["fit"])]
    listed = {row["id"]: row["verdict"] for row in lines(terminal("list", "--json")[1])}
    assert [*asked, listed["mine"]] == ["fits"] * 3
    assert {row["verdict"] for row in lines(terminal("catalog", "--json")[1])} == {"fits", "too_big"}


def test_using_a_model_makes_it_the_default(terminal, home):
    write_tiny_gguf(home.models / "mine.gguf")
    assert terminal("use", "mine")[0] == 0
    rows = {row["id"]: row["is_default"] for row in lines(terminal("list", "--json")[1])}
    assert rows["mine"]
    assert list(rows.values()).count(True) == 1
    assert terminal("use", "nothing")[0] == 1


def test_the_catalog_can_be_refreshed(terminal, hub, tmp_path):
    entry = catalog()[0]
    content = gguf_bytes(50_000, seed=9)
    hub.add(entry.repository, {entry.file.name: content}, licence=entry.licence)
    target = tmp_path / "catalog.toml"
    code, out, _err = terminal("catalog", "--refresh", "--output", str(target))
    assert code == 0
    assert entry.id in out
    assert read_catalog(target.read_text()).entries[0].file.size_bytes == len(content)


def test_output_without_refresh_is_wrong_usage(terminal):
    with pytest.raises(SystemExit, match="2"):
        terminal("catalog", "--output", "x")


def test_interrupted_it_keeps_what_came_and_goes_on(hub, home, monkeypatch):
    hub.add(NAME, {"Tiny-Q4_K_M.gguf": CONTENT})
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    hub.faults.at("cdn", "*.gguf", Fault.STALL, at_byte=600_000)
    command = [sys.executable, "-m", "ui", "models", "download", NAME, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if json.loads(line).get("bytes_done", 0) > 256 << 10:
                break
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert process.returncode == 130
    hub.faults.clear()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    assert json.loads(done.stdout.splitlines()[-1])["type"] == "done"
    assert hub.log.of("cdn", "*.gguf")[-1].range > "bytes=262"
    assert (home.models / "maker/Tiny-GGUF/Tiny-Q4_K_M.gguf").read_bytes() == CONTENT
