"""The files of a repository put together into what a person can choose, and names that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import NameRefused, RemoteFileNotFound
from assistant.models.offers import choose, offers, safe_name
from assistant.models.remote import Group, Offer, Reference, RemoteFile, Repository


def made(*names: str) -> tuple[Offer, ...]:
    """Offers of files whose sizes grow in the order of the names."""
    return offers(RemoteFile(name, 1000 + number, "00") for number, name in enumerate(names))


def ids(*names: str) -> list[str]:
    return [offer.id for offer in made(*names)]


def recommended(*names: str) -> str:
    return next(offer.id for offer in made(*names) if offer.is_recommended)


def test_quantizations_stand_on_three_shelves_and_one_is_recommended() -> None:
    found = made("M-IQ2_M.gguf", "M-Q3_K_M.gguf", "M-Q4_K_S.gguf", "M-Q4_K_M.gguf", "M-Q5_K_M.gguf", "M-Q6_K.gguf")
    assert [offer.id for offer in found] == ["IQ2_M", "Q3_K_M", "Q4_K_S", "Q4_K_M", "Q5_K_M", "Q6_K"]
    groups = [Group.SMALL] * 2 + [Group.BALANCED] * 3 + [Group.LARGE]
    assert [offer.group for offer in found] == groups
    assert [offer.id for offer in found if offer.is_recommended] == ["Q4_K_M"]


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (("M-Q4_K_S.gguf", "M-UD-Q4_K_XL.gguf", "M-Q8_0.gguf"), "UD-Q4_K_XL"),
        (("M-Q4_0.gguf", "M-IQ4_XS.gguf"), "IQ4_XS"),
        (("M-Q5_K_S.gguf", "M-Q6_K.gguf", "M-Q3_K_L.gguf"), "Q5_K_S"),
        (("M-Q3_K_L.gguf", "M-F16.gguf"), "Q3_K_L"),
        (("M-Q2_K.gguf", "M-BF16.gguf"), "BF16"),
        (("gpt-oss-20b-MXFP4.gguf", "gpt-oss-20b-F16.gguf"), "MXFP4"),
        (("M-Q9_K.gguf", "odd.gguf"), "odd"),
    ],
)
def test_the_nearest_to_q4_k_m_is_recommended(names: tuple[str, ...], best: str) -> None:
    assert recommended(*names) == best


def test_the_smallest_come_first() -> None:
    found = offers([RemoteFile("M-Q8_0.gguf", 8), RemoteFile("M-Q2_K.gguf", 2), RemoteFile("M-Q4_0.gguf", 4)])
    assert [offer.size_bytes for offer in found] == [2, 4, 8]


def test_the_parts_of_a_split_model_are_one_offer_in_order() -> None:
    names = ["BF16/M-BF16-00002-of-00003.gguf", "BF16/M-BF16-00001-of-00003.gguf", "BF16/M-BF16-00003-of-00003.gguf"]
    (offer,) = made(*names)
    assert offer.id == "BF16"
    assert [file.name[-19:-14] for file in offer.files] == ["00001", "00002", "00003"]
    assert offer.size_bytes == 1000 + 1001 + 1002


def test_a_split_model_that_lacks_a_part_is_left_out() -> None:
    assert ids("M-Q8_0-00001-of-00002.gguf", "M-Q4_0.gguf", "N-Q8_0-00000-of-00001.gguf") == ["Q4_0"]


def test_a_projector_belongs_to_every_offer_and_is_none_itself() -> None:
    found = made("M-Q4_K_M.gguf", "M-Q8_0.gguf", "mmproj-F32.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf")
    assert [offer.id for offer in found] == ["Q4_K_M", "Q8_0"]
    assert {offer.projector.name for offer in found if offer.projector} == {"mmproj-F16.gguf"}
    assert found[0].size_bytes == 1000 + 1004


def test_of_several_models_each_gets_its_own_projector() -> None:
    found = made("small-Q4_0.gguf", "large-Q4_0.gguf", "mmproj-large-Q8_0.gguf", "mmproj-small-f16.gguf")
    assert {offer.id: offer.projector.name for offer in found if offer.projector} == {
        "small-Q4_0": "mmproj-small-f16.gguf",
        "large-Q4_0": "mmproj-large-Q8_0.gguf",
    }


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "M-imatrix.gguf",
        "imatrix_unsloth.gguf",
        "ggml-vocab-llama.gguf",
        "vocab.gguf",
        "M-draft-Q4_0.gguf",
        "M-lora-F16.gguf",
        "M-Q4_0_4_8.gguf",
        "M-IQ4_KS.gguf",
        "M-Q8_0.gguf.part1of2",
        "../M-Q8_0.gguf",
        "con.gguf",
    ],
)
def test_what_is_no_model_is_hidden(name: str) -> None:
    assert ids("M-Q4_K_M.gguf", name) == ["Q4_K_M"]


def test_a_repository_of_drafts_only_offers_them() -> None:
    assert ids("M-DRAFT-Q4_0.gguf", "M-DRAFT-Q8_0.gguf") == ["Q4_0", "Q8_0"]


def test_without_a_model_there_is_nothing() -> None:
    assert made("README.md", "mmproj-F16.gguf", "imatrix.gguf", "a-lora.gguf") == ()


def test_a_label_that_is_there_twice_gives_way_to_the_file() -> None:
    assert ids("a-Q4_0.gguf", "b-Q4_0.gguf", "b-Q8_0.gguf") == ["a-Q4_0", "b-Q4_0", "Q8_0"]
    assert ids("x/m-Q4_0.gguf", "y/m-Q4_0.gguf") == ["x/m-Q4_0.gguf", "y/m-Q4_0.gguf"]


def test_the_label_may_stand_in_the_folder_or_be_spelt_differently() -> None:
    assert ids("UD-IQ1_S/model-00001-of-00001.gguf") == ["UD-IQ1_S"]
    assert ids("model.fp16.gguf") == ["F16"]
    assert [offer.quantization for offer in made("model.gguf")] == [""]


REPOSITORY = Repository("maker/model", offers=made("M-Q4_K_M.gguf", "M-Q8_0.gguf", "sub/M-IQ4_XS.gguf"))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (Reference("maker/model"), "Q4_K_M"),
        (Reference("maker/model", "q8_0"), "Q8_0"),
        (Reference("maker/model", file="sub/M-IQ4_XS.gguf"), "IQ4_XS"),
        (Reference("maker/model", "Q4_K_M", "m-q8_0.GGUF"), "Q8_0"),
    ],
)
def test_a_reference_chooses_an_offer(reference: Reference, expected: str) -> None:
    assert choose(REPOSITORY, reference).id == expected


@pytest.mark.parametrize("reference", [Reference("maker/model", "Q2_K"), Reference("maker/model", file="M.gguf")])
def test_a_reference_to_nothing_says_what_there_is(reference: Reference) -> None:
    with pytest.raises(RemoteFileNotFound) as caught:
        choose(REPOSITORY, reference)
    assert "Q4_K_M, Q8_0, IQ4_XS" in caught.value.hint


@pytest.mark.parametrize(
    "name",
    [
        "model.gguf",
        "a/b/c.gguf",
        "weird name (1)+[x]=y,z@v1~.gguf",
        "模型.gguf",
        ".hidden/x",
        "a" * 250,
        "console.gguf",
    ],
)
def test_a_safe_name_is_returned(name: str) -> None:
    assert safe_name(name) == name


UNSAFE = [
    *("", ".", "..", "../x", "a/../b", "a/..", "./a", "a//b", "/abs", "a/", "~/..", "...", "a/ /b", " a", "a ", "a."),
    *("C:x", "C:/x", "C:\\x", "\\\\server\\share", "\\x", "a\\..\\b", "//server/share", "a:stream", "a*", "a?", "<a>"),
    *("con", "CON.gguf", "nul", "a/Aux.txt", "com1", "LPT9.x.y", "prn", "com¹", "CONIN$"),
    *("a\0b", "a\nb", "a\x1fb", "a\x7fb", "a\u202eb", "a\u200bb", "a\ud800b", "a\u2028b"),
    *("a" * 251, "é" * 126, "a/" * 600 + "a"),
]


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_name_is_refused(name: str) -> None:
    with pytest.raises(NameRefused):
        safe_name(name)


WORDS = st.sampled_from(
    [
        *("M", "-", "_", ".", "/", "Q4_K_M", "q8_0", "UD-", "IQ4_XS", "F16", "fp16", "mmproj", "imatrix", "draft"),
        *("-00001-of-00002", "-00002-of-00002", "-00000-of-00000", ".gguf", ".GGUF", "vocab", "lora", "..", "Q7_1"),
    ]
)
NAMES = st.one_of(st.lists(WORDS, max_size=6).map("".join), st.text(max_size=12)).map(lambda name: f"{name}.gguf")
FILES = st.lists(st.builds(RemoteFile, NAMES, st.integers(0, 1 << 40)), max_size=12)


@given(FILES)
def test_offers_of_any_names_are_sound(files: list[RemoteFile]) -> None:
    found = offers(files)
    assert len({offer.id for offer in found}) == len(found)
    assert sum(offer.is_recommended for offer in found) == bool(found)
    assert [offer.size_bytes for offer in found] == sorted(offer.size_bytes for offer in found)
    used = [file.name for offer in found for file in offer.files]
    assert len(set(used)) == len(used)
    assert all(safe_name(name) for name in used)


@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(["..", ".", "/", "\\", "a", ":", " "])).map("".join)))
def test_a_safe_name_never_leaves_its_folder(name: str) -> None:
    try:
        safe_name(name)
    except NameRefused:
        return
    folder = Path("/models/maker/name")
    assert (folder / name).resolve().is_relative_to(folder)
