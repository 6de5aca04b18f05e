"""What people write or paste when they mean a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.reference import is_address, parse_author, parse_reference
from assistant.models.remote import Reference

MIRROR = "http://localhost:8080/mirror/"
R = Reference
UNDERSTOOD = [
    ("unsloth/Qwen3.5-4B-GGUF", R("unsloth/Qwen3.5-4B-GGUF")),
    ("  unsloth/Qwen3.5-4B-GGUF\n", R("unsloth/Qwen3.5-4B-GGUF")),
    ("a/b", R("a/b")),
    ("user/model:Q4_K_M", R("user/model", "Q4_K_M")),
    ("user/model:latest", R("user/model")),
    ("user/model:", R("user/model")),
    ("user/model@v1", R("user/model", revision="v1")),
    ("user/model/file.gguf", R("user/model", file="file.gguf")),
    ("user/model/Q8_0/part-00001-of-00002.gguf", R("user/model", file="Q8_0/part-00001-of-00002.gguf")),
    ("hf.co/user/model:q4_k_m", R("user/model", "q4_k_m")),
    ("ollama run hf.co/user/model:IQ4_XS", R("user/model", "IQ4_XS")),
    ("llama-cli -hf user/model:Q4_0", R("user/model", "Q4_0")),
    ("hf://user/model@dev/file.gguf", R("user/model", file="file.gguf", revision="dev")),
    ("huggingface.co/user/model", R("user/model")),
    ("www.huggingface.co/user/model/", R("user/model")),
    ("https://huggingface.co/user/model", R("user/model")),
    ("HTTPS://HuggingFace.co/user/model?library=gguf#top", R("user/model")),
    ("https://huggingface.co/user/model.git", R("user/model")),
    ("https://huggingface.co/api/models/user/model", R("user/model")),
    ("https://huggingface.co/user/model/tree/main", R("user/model", revision="main")),
    ("https://huggingface.co/user/model/tree/main/UD-Q4_K_XL", R("user/model", "UD-Q4_K_XL", revision="main")),
    ("https://huggingface.co/user/model/tree/refs%2Fpr%2F1", R("user/model", revision="refs/pr/1")),
    ("https://huggingface.co/user/model/tree/refs/pr/1", R("user/model", revision="refs/pr/1")),
    ("https://huggingface.co/user/model/blob/main/a%20b.gguf", R("user/model", file="a b.gguf", revision="main")),
    ("https://hf.co/user/model/resolve/0123abc/x/y.GGUF?download=true", R("user/model", "", "x/y.GGUF", "0123abc")),
    ("https://huggingface.co/user/model/raw/main/README.md", R("user/model", revision="main")),
    ("https://huggingface.co/user/model/discussions/3", R("user/model")),
    ("https://huggingface.co/user/model?show_file_info=x-Q8_0.gguf", R("user/model", file="x-Q8_0.gguf")),
    ("https://hf-mirror.com/user/model/blob/main/x.gguf", R("user/model", file="x.gguf", revision="main")),
    ("http://localhost:8080/mirror/user/model", R("user/model")),
    ("localhost:8080/mirror/user/model/resolve/main/x.gguf", R("user/model", file="x.gguf", revision="main")),
]
NOTHING = [
    "",
    "   ",
    "qwen",
    "qwen 4b/instruct gguf",
    "user/",
    "/user",
    "/",
    "and/or/maybe",
    "user//model",
    "../model",
    "user/..",
    "user/--model",
    "user/mo--del",
    "user/mo..del",
    "user/.hidden",
    "user/model:a b",
    "user/model:Q4/../x",
    "user/mödel",
    "user/model/../../etc/x.gguf",
    "user/model/con.gguf",
    "C:\\models\\x.gguf",
    "C:/models/x.gguf",
    "\\\\server\\share",
    "file:///home/user/model",
    "ftp://huggingface.co/user/model",
    "https://huggingface.co",
    "https://huggingface.co/user",
    "https://huggingface.co/models",
    "https://huggingface.co/datasets/user/data",
    "https://huggingface.co/spaces/user/space",
    "https://huggingface.co/docs/hub",
    "https://huggingface.co:99999/user/model",
    "https://huggingface.co.evil.example/user/model",
    "https://example.com/user/model",
    "http://localhost:8080/other/user/model",
    "http://localhost:8081/mirror/user/model",
    "http://[/user/model",
    f"user/{'m' * 97}",
    f"user/{'m' * 3000}",
]


@pytest.mark.parametrize(("text", "expected"), UNDERSTOOD)
def test_a_reference_is_understood(text: str, expected: Reference) -> None:
    assert parse_reference(text, MIRROR) == expected


@pytest.mark.parametrize("text", NOTHING)
def test_anything_else_is_none(text: str) -> None:
    assert parse_reference(text, MIRROR) is None


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("unsloth/", "unsloth"),
        ("https://huggingface.co/unsloth", "unsloth"),
        ("hf.co/unsloth/", "unsloth"),
        ("http://localhost:8080/mirror/unsloth", "unsloth"),
        ("https://huggingface.co/models", ""),
        ("https://huggingface.co/docs", ""),
        ("unsloth", ""),
        ("user/model", ""),
        ("two words/", ""),
        ("https://example.com/unsloth", ""),
        ("http://[", ""),
        ("m" * 3000 + "/", ""),
    ],
)
def test_an_author_is_understood(text: str, author: str) -> None:
    assert parse_author(text, MIRROR) == author


def test_an_address_is_told_from_words() -> None:
    assert is_address("https://example.com")
    assert is_address("hf.co/x")
    assert not is_address("user/model")


PIECES = [
    *(
        "https://",
        "hf.co",
        "huggingface.co",
        "/",
        "user",
        "model",
        ":",
        "@",
        "..",
        "%2F",
        "%",
        "tree",
        "refs",
        "?",
        "#",
    ),
    *("show_file_info=", "x.gguf", "[", "]", "\\", " ", "\x00", "\ud800", "ollama run ", "8080", "hf://", "é"),
]


@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12).map("".join),
    st.sampled_from(["", MIRROR, "//["]),
)
def test_nothing_that_is_typed_raises(text: str, endpoint: str) -> None:
    found = parse_reference(text, endpoint)
    parse_author(text, endpoint)
    is_address(text)
    if found is not None:
        assert found.repository.count("/") == 1
        assert ".." not in found.file.split("/")
