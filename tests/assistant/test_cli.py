"""The terminal: what it prints, and with which exit code, over a scripted model in the real worker process."""

import io
import json
import os
import signal
import subprocess
import sys

import pytest

from assistant import cli
from assistant.chat.answer import LOOK_EVERY_S
from assistant.cli import opened
from assistant.mailbox import Mailbox
from tests.fakes.gguf_files import write_tiny_gguf
from tests.fakes.scripted_worker import COMMAND


@pytest.fixture
def terminal(home, monkeypatch, capsys):
    model = write_tiny_gguf(home.models / "scripted.gguf")
    monkeypatch.setattr(
        opened, "Assistant", lambda paths, database: opened_assistant(paths, database=database, engine_command=COMMAND)
    )

    def run(*words, typed=None):
        if words[0] == "chat" and "--model" not in words:
            words = (*words, "--model", str(model))
        if typed is not None:
            monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = cli.main(words)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def opened_assistant(*args, **kwargs):
    from assistant.app import Assistant

    return Assistant(*args, **kwargs)


def lines(out):
    return [json.loads(line) for line in out.splitlines()]


def test_a_question_is_answered_on_standard_output(terminal):
    code, out, err = terminal("chat", "good morning")
    assert (code, out, err) == (0, "good morning\n", "")


def test_json_gives_tokens_and_then_done(terminal):
    code, out, _err = terminal("chat", "good morning", "--json")
    *tokens, done = lines(out)
    assert code == 0
    assert {token["type"] for token in tokens} == {"token"}
    assert "".join(token["text"] for token in tokens) == done["text"] == "good morning"
    assert done["finish_reason"] == "stop"
    assert {"prompt_tokens", "reused_tokens", "completion_tokens", "prompt_ms", "duration_ms", "model"} <= set(done)


def test_it_looks_often_enough_whether_text_is_to_be_saved(terminal, monkeypatch):
    waits, wait = [], Mailbox.wait
    monkeypatch.setattr(Mailbox, "wait", lambda self, timeout_s: waits.append(timeout_s) or wait(self, timeout_s))
    terminal("chat", "good morning")

    assert 0 < max(waits) <= LOOK_EVERY_S


def test_a_saved_conversation_goes_on(terminal):
    _code, out, _err = terminal("chat", "hello", "--json")
    number = lines(out)[-1]["conversation_id"]
    _code, out, _err = terminal("chat", "again", "--conversation", str(number), "--json")
    assert lines(out)[-1]["conversation_id"] == number
    _code, out, _err = terminal("conversations", "show", str(number), "--json")
    assert [message["content"] for message in lines(out)] == ["hello", "hello", "again", "again"]
    assert {message["type"] for message in lines(out)} == {"message"}


def test_nothing_is_kept_with_no_save(terminal):
    _code, out, _err = terminal("chat", "secret", "--no-save", "--json")
    assert lines(out)[-1]["conversation_id"] is None
    assert terminal("conversations", "list", "--json")[1] == ""


def test_conversations_are_listed_newest_first(terminal):
    terminal("chat", "one")
    terminal("chat", "two")
    _code, out, _err = terminal("conversations", "list", "--json")
    assert [row["title"] for row in lines(out)] == ["two", "one"]
    assert set(lines(out)[0]) == {"type", "id", "title", "created_at", "updated_at", "messages"}


def test_the_question_can_come_from_standard_input(terminal):
    assert terminal("chat", "-", typed="from a pipe\n")[1] == "from a pipe\n"


def test_an_interactive_chat_reads_until_the_end(terminal):
    code, out, _err = terminal("chat", typed="one\n/again\n/new\ntwo\n")
    assert code == 0
    assert out == "one\none\ntwo\n"
    _code, out, _err = terminal("conversations", "list", "--json")
    assert [row["messages"] for row in lines(out)] == [2, 3]


def test_a_crash_is_one_error_line_and_code_1(terminal):
    code, out, _err = terminal("chat", "crash", "--json")
    error = lines(out)[-1]
    assert code == 1
    assert (error["type"], error["kind"]) == ("error", "engine_crashed")
    assert error["message"]
    assert error["hint"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("chat", "hi", "--model", "/nowhere.gguf"), "model_not_found"),
        (("chat", "hi", "--model", __file__), "not_a_model"),
        (("chat", "hi", "--conversation", "99"), "conversation_not_found"),
        (("conversations", "show", "99"), "conversation_not_found"),
    ],
)
def test_what_is_wrong_is_said(terminal, words, kind):
    code, out, _err = terminal(*words, "--json")
    assert code == 1
    assert lines(out)[-1]["kind"] == kind
    code, out, err = terminal(*words)
    assert (code, out) == (1, "")
    assert err


@pytest.mark.parametrize(
    "words",
    [
        ("chat", ""),
        ("chat", "hi", "--no-save", "--conversation", "1"),
        ("chat", "--temperature", "9"),
        ("chat", "--max-tokens", "0"),
        ("nonsense",),
        ("chat", "--sed", "1"),
    ],
)
def test_wrong_usage_is_code_2(terminal, words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_models_are_listed_with_what_is_wrong_with_them(terminal, home):
    (home.models / "broken.gguf").write_bytes(b"GGUF")
    _code, out, _err = terminal("models", "list", "--json")
    models = {model["id"]: model for model in lines(out)}
    assert models["broken"]["problem"]
    assert models["scripted"]["problem"] is None
    assert models["starter"]["size_bytes"] > 9e7
    assert "broken" in terminal("models", "list")[1]


def test_a_damaged_database_is_said_and_left(terminal, home):
    home.database.write_bytes(b"x" * 5000)
    code, out, _err = terminal("conversations", "list", "--json")
    assert code == 1
    assert lines(out)[0]["kind"] == "database_damaged"
    assert home.database.read_bytes() == b"x" * 5000


def test_doctor_tells_what_a_bug_report_needs(terminal):
    code, out, _err = terminal("doctor", "--json")
    facts = lines(out)[0]
    assert code == 0
    assert {"version", "python", "qt", "llama_cpp", "devices", "memory", "paths", "database", "sandbox"} <= set(facts)
    assert facts["devices"]
    assert facts["database"] == "none"
    assert "database" in terminal("doctor")[1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to another process")
def test_ctrl_c_keeps_the_text_and_ends_with_130(terminal, home):
    code = (
        "import sys; from assistant.cli import opened, main; from assistant.app import Assistant\n"
        f"opened.Assistant = lambda paths, database: Assistant(paths, database=database, engine_command={COMMAND!r})\n"
        f"sys.exit(main(['chat', 'endless', '--json', '--model', {str(home.models / 'scripted.gguf')!r}]))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == 130
    _code, out, _err = terminal("conversations", "show", "1", "--json")
    answer = lines(out)[-1]
    assert answer["status"] == "stopped"
    assert answer["content"].startswith(first["text"])


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("inkstone ")
