"""What the model sees of a conversation."""

from datetime import UTC, datetime

from assistant.chat.context_plan import sampling_of, turns_of
from assistant.engine.protocol import Sampling, Turn
from assistant.store.rows import Message, Role, Status


def message(role, content):
    return Message(1, 1, None, role, content, Status.COMPLETE, datetime.now(UTC))


def test_the_system_prompt_comes_first():
    turns = turns_of("Be brief.", [message(Role.USER, "Hello")])
    assert turns == (Turn("system", "Be brief."), Turn("user", "Hello"))


def test_a_blank_system_prompt_is_no_turn():
    assert turns_of("  \n", [message(Role.USER, "Hello")]) == (Turn("user", "Hello"),)


def test_an_answer_without_text_is_skipped_and_no_word_of_the_questions_is_lost():
    branch = [message(Role.USER, "One"), message(Role.ASSISTANT, ""), message(Role.USER, "Two")]
    assert turns_of("", branch) == (Turn("user", "One\n\nTwo"),)


def test_an_answer_with_text_at_the_end_is_there_to_be_continued():
    branch = [message(Role.USER, "One"), message(Role.ASSISTANT, "Half an")]
    assert turns_of("", branch)[-1] == Turn("assistant", "Half an")


def test_later_sampling_lies_over_earlier_and_over_the_recommended():
    mine = sampling_of({"temperature": 1, "top_k": 5}, {"temperature": 0.2}, recommended=Sampling(min_p=0.3))
    assert (mine.temperature, mine.top_k, mine.min_p) == (0.2, 5, 0.3)


def test_whole_numbers_stay_whole_and_unknown_names_do_no_harm():
    mine = sampling_of({"top_k": 12.0, "mirostat": 2}, recommended=Sampling())
    assert mine.top_k == 12
    assert isinstance(mine.top_k, int)
