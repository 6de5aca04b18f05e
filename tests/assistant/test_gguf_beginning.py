"""Headers of which no more than the beginning is here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import ModelFileDamaged, NotAModelFile
from assistant.models.fit import estimate
from assistant.models.gguf import read_beginning, read_header
from tests.fakes.gguf_files import tiny_gguf

VOCABULARY = [f"token{index}" for index in range(60_000)]


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A model whose vocabulary is longer than what is fetched."""
    return tiny_gguf(tokenizer__ggml__tokens=VOCABULARY).write(tmp_path / "big-Q4_0.gguf")


def test_numbers_before_the_vocabulary_are_enough_for_the_memory_it_needs(big: Path) -> None:
    whole, head = read_header(big), big.read_bytes()[:65_536]
    part = read_beginning(big, head, whole.size_bytes)
    assert part.vocabulary == len(VOCABULARY)
    assert (part.attention, part.context_length, part.layers) == (whole.attention, 2048, 2)
    assert part.tensors == whole.tensors
    assert not part.has_template
    assert part.tensor_bytes == whole.size_bytes
    assert estimate(part, 2048, 1 << 40).kv_bytes == estimate(whole, 2048, 1 << 40).kv_bytes


@pytest.mark.parametrize("kept", [300, 700, 1000, 2000, 5000, 1 << 20])
def test_a_header_cut_anywhere_says_what_it_can(big: Path, kept: int) -> None:
    assert read_beginning(big, big.read_bytes()[:kept], big.stat().st_size).architecture == "llama"


def test_a_header_that_is_there_is_the_whole_truth(big: Path) -> None:
    whole = read_header(big)
    assert read_beginning(big, big.read_bytes()[: whole.data_start], whole.size_bytes) == whole
    assert read_beginning(big, big.read_bytes(), whole.size_bytes) == whole


def test_nearly_all_of_a_mixture_counts_as_its_experts(tmp_path: Path) -> None:
    model = tiny_gguf(expert_count=8, expert_used_count=2, tokenizer__ggml__tokens=None)
    metadata = {**model.metadata, "tokenizer.ggml.tokens": VOCABULARY}
    path = replace(model, metadata=metadata).write(tmp_path / "mixture.gguf")
    size = path.stat().st_size
    assert read_beginning(path, path.read_bytes()[:4096], size).weights.experts == size * 9 // 10


@pytest.mark.parametrize(
    ("head", "error"),
    [
        (b"<html>", NotAModelFile),
        (b"", ModelFileDamaged),
        (b"GGUF\x03", ModelFileDamaged),
        (b"GGUF\x09\0\0\0" + bytes(16), ModelFileDamaged),
        (b"GGUF\x03\0\0\0" + bytes(8) + b"\1" + bytes(7), ModelFileDamaged),
    ],
)
def test_what_is_no_model_is_told_by_its_beginning(head: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_beginning(Path("m.gguf"), head, 1 << 30)


def test_a_file_that_ends_too_early_is_told_by_its_size(big: Path) -> None:
    header = read_header(big)
    with pytest.raises(ModelFileDamaged):
        read_beginning(big, big.read_bytes()[: header.data_start], header.size_bytes - 1)
