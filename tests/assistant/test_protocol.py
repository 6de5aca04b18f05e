"""Frames: what is written is read again, and nothing else is believed."""

from __future__ import annotations

import io
import struct
import typing
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.engine import protocol
from assistant.engine.protocol import (
    Candidate,
    Device,
    Done,
    Failed,
    Generate,
    Hello,
    Load,
    Loaded,
    LoadProgress,
    ModelFacts,
    ProtocolError,
    Sampling,
    Tokens,
    Turn,
    decode,
    encode,
    read_frame,
)

MESSAGES = [
    Load(1, "/models/ß 模型.gguf", 4096, 3),
    Generate(2, (Turn("system", "be kind"), Turn("user", "\ud800 \0 🙂")), Sampling(seed=1), sequence=1, candidates=3),
    Generate(3, (Turn("user", "the end of more"),), is_whole=False),
    Hello(0, protocol.VERSION, 77, "llama.cpp", ("landlock",), (Device("CPU", "AMD", "cpu", 1, 2),)),
    LoadProgress(1, 0.5),
    Loaded(1, ModelFacts(description="m", notes=("fewer layers",), recommended=Sampling(top_k=1))),
    Tokens(2, "a", 1, ((Candidate(1, "a", -0.5), Candidate(2, "b", -1.5)),)),
    Done(2, "stop", 1, 2, 3, 4.5, 6.5),
    Failed(2, "GenerationFailed", {"reason": "x"}, "log"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_out_as_it_went_in(message):
    assert read_frame(io.BytesIO(encode(message))) == message


@given(st.lists(st.builds(Turn, st.text(), st.text(alphabet=st.characters()))))
def test_any_text_crosses_the_pipe(turns):
    message = Generate(1, tuple(turns))

    assert read_frame(io.BytesIO(encode(message))) == message


def test_frames_follow_each_other_until_the_end():
    stream = io.BytesIO(encode(protocol.Ping(1)) + encode(protocol.Pong(1)))

    assert [read_frame(stream), read_frame(stream), read_frame(stream)] == [protocol.Ping(1), protocol.Pong(1), None]


@pytest.mark.parametrize("cut", [1, 3, 4, 10])
def test_a_frame_cut_short_is_the_end(cut):
    assert read_frame(io.BytesIO(encode(protocol.Ping(1))[:cut])) is None


def test_a_frame_too_long_is_refused_before_it_is_read():
    with pytest.raises(ProtocolError, match="bytes"):
        read_frame(io.BytesIO(struct.pack("<I", protocol.MAX_FRAME_BYTES + 1)))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"1", b"{}", b"\xff", b'{"type":"Nonsense"}', b'{"type":"Ping"}', b'{"type":["Ping"]}'),
        *(b'{"type":"Ping","request":1,"more":2}', b'{"type":"Generate","request":1,"turns":[{"a":1}]}'),
        b'{"type":"Generate","request":1,"turns":[],"is_whole":1}',
        *(b'{"type":"Ping","request":"1"}', b'{"type":"Ping","request":true}', b'{"type":"Ping","request":[1]}'),
        *(b'{"type":"LoadProgress","request":1,"fraction":NaN}', b'{"type":"Generate","request":1,"turns":"abc"}'),
        *(b'{"type":"Failed","request":1,"kind":"x","values":[]}', b'{"type":"Loaded","request":1,"facts":{}}'),
        *(b'{"type":"Hello","request":0,"version":1,"pid":1,"engine":"","sandbox":[1]}',),
        b"[" * 100_000,
        *(b'{"type":"WorkerDied","request":0,"exit_code":0,"log":"","expected":true}',),
    ],
)
def test_what_is_no_message_is_refused(body):
    with pytest.raises(ProtocolError):
        decode(body)


@given(st.binary(max_size=200))
def test_noise_is_refused_or_ends(data):
    with suppress(ProtocolError):
        assert read_frame(io.BytesIO(data)) is None


def test_every_message_has_its_words():
    for message in protocol._MESSAGES.values():
        assert typing.get_type_hints(message)["request"] is int
        assert message.__doc__
