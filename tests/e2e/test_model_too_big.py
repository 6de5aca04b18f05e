"""A model that needs more memory than there is, asked for in the terminal; program and worker are the real ones."""

import json
import re
import subprocess
import sys

import pytest

from assistant.errors import ModelTooBig
from tests.fakes import big_model

pytestmark = pytest.mark.slow
SENTENCE = r"“.*big\.gguf” needs about [\d.]+ GiB of memory, but only [\d.]+ GiB can be used\."


@pytest.fixture(params=[big_model.write, big_model.write_for_an_idle_computer], ids=["for this computer", "for now"])
def big(request, home):
    return request.param(home.models / "big.gguf")


def chat(*words):
    """Returns exit code, standard output and the lines of standard error."""
    run = subprocess.run([sys.executable, "-m", "ui", "chat", *words], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout, run.stderr.splitlines()


def test_it_is_said_with_a_hint_and_code_1(big):
    code, out, (sentence, hint) = chat("--model", str(big), "hi")
    assert (code, out) == (1, "")
    assert re.fullmatch(SENTENCE, sentence)
    assert hint == ModelTooBig.advice


def test_json_gives_one_error_line_and_code_1(big):
    code, out, err = chat("--model", str(big), "hi", "--json")
    error = json.loads(out)
    assert (code, err) == (1, [])
    assert set(error) == {"type", "kind", "message", "hint"}
    assert (error["type"], error["kind"], error["hint"]) == ("error", "model_too_big", ModelTooBig.advice)
    assert re.fullmatch(SENTENCE, error["message"])
