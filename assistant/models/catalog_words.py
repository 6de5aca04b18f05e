"""What each model of the catalog is for, in a sentence: by purpose, size and kind."""

from __future__ import annotations

from assistant.i18n import N_

ABOUT = {
    "smollm2-135m": N_("Tiny: begins at once on any computer; for trying things out, not for knowledge."),
    "qwen3-0.6b": N_("Very small, for short texts on computers with little memory; it can think before it answers."),
    "qwen3.5-0.8b": N_("Very small, for simple questions and short texts on computers with little memory."),
    "llama-3.2-1b": N_("Small and quick, for everyday questions and for rewording short texts."),
    "lfm2.5-1.2b": N_("Small and quick, made for computers without a graphics card."),
    "qwen3.5-2b": N_("A light all-rounder for laptops with 8 GB of memory."),
    "qwen3.5-4b": N_("A good all-rounder for most computers: for conversation, writing and reasoning."),
    "gemma-4-e2b": N_("A light model by Google for conversation, made for laptops."),
    "gemma-4-e4b": N_("A medium-sized model by Google for conversation and writing."),
    "qwen3.5-9b": N_("A larger all-rounder for computers with 16 GB of memory or a graphics card."),
    "gemma-4-12b": N_("A larger model by Google for conversation and writing, best with a graphics card."),
    "gpt-oss-20b": N_("A large model by OpenAI for reasoning; a mixture of experts, so it is quick for its size."),
    "gemma-4-26b-a4b": N_("A large model by Google; a mixture of experts, so it is quick for its size."),
    "qwen3.6-27b": N_("A very large model for computers with a strong graphics card."),
    "qwen3.6-35b-a3b": N_("A very large mixture of experts: it needs much memory, but is quick for its size."),
    "bge-small-en-v1.5": N_("Finds passages by their meaning in English documents; it cannot chat."),
    "nomic-embed-text-v1.5": N_("Finds passages by their meaning in longer documents; it cannot chat."),
    "qwen3-embedding-0.6b": N_("Finds passages by their meaning in documents of many languages; it cannot chat."),
}
"""The id of a row → its sentence."""
