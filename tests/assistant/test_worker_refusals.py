"""What of llama.cpp's models is refused, and why, run in this process with tiny ones."""

from __future__ import annotations

import pytest

from assistant.engine.llama import open_model
from assistant.engine.protocol import Load, Sampling
from assistant.engine.running import Aborted
from assistant.engine.template import CHATML
from assistant.errors import (
    ModelLoadFailed,
    ModelNotFound,
    ModelUnsupported,
    NotAModelFile,
)
from tests.fakes import tiny_model
from tests.fakes.real_models import Asker, conversation, open_quietly

WILD = Sampling(temperature=1, top_k=0, top_p=1, min_p=0, repeat_penalty=1, max_tokens=30, seed=1)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tiny_model.write(
        tmp_path_factory.mktemp("tiny") / "tiny.gguf",
        template="{{ bos_token }}" + CHATML,
        metadata={"general.sampling.temp": 0.25},
    )


@pytest.fixture(scope="module")
def model(path):
    model = open_quietly(path)
    yield model
    model.close()


@pytest.fixture
def asker(model):
    return Asker(model)


def names(model, ids):
    return [model._model.vocabulary.name(token) for token in ids]


def ids_of(model, *texts):
    return model._prompt(tuple(conversation(*texts))).ids


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ModelNotFound):
        open_quietly(tmp_path / "none.gguf")


def test_a_folder_is_no_model(tmp_path):
    with pytest.raises(ModelLoadFailed):
        open_quietly(tmp_path)


def test_another_file_is_no_model(tmp_path):
    path = tmp_path / "notes.gguf"
    path.write_text("Dear diary")

    with pytest.raises(NotAModelFile):
        open_quietly(path)


def test_a_model_cut_short_is_refused_with_llama_cpps_reason(tmp_path, path):
    short = tmp_path / "short.gguf"
    short.write_bytes(path.read_bytes()[:-5000])

    with pytest.raises(ModelLoadFailed) as caught:
        open_quietly(short)

    assert "within" in caught.value.values["reason"]
    assert "failed to load" in caught.value.__notes__[0]


def test_a_model_that_makes_vectors_cannot_chat(tmp_path):
    with pytest.raises(ModelUnsupported) as caught:
        open_quietly(tiny_model.write_embedder(tmp_path / "embedder.gguf"))

    assert caught.value.values["architecture"] == "bert"


def test_a_load_can_be_given_up(path):
    with pytest.raises(Aborted):
        open_model(Load(1, str(path)), lambda _: False)
