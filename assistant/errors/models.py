"""Errors about model files."""

from __future__ import annotations

from assistant.errors.base import AssistantError
from assistant.i18n import N_


class ModelError(AssistantError):
    """Something about a model file."""

    kind = "model"


class ModelNotFound(ModelError):
    """Values: ``name``, the path or id asked for."""

    kind = "model_not_found"
    template = N_("There is no model at “{name}”.")
    advice = N_("Check the path, or choose one of the models listed by “inkstone models list”.")


class ModelAmbiguous(ModelError):
    """Values: ``name``, ``candidates`` (ids, joined)."""

    kind = "model_ambiguous"
    template = N_("“{name}” could be any of these models: {candidates}.")
    advice = N_("Write more of the name, or its path.")


class ModelUnreadable(ModelError):
    """Values: ``path``, ``reason`` (the system's words)."""

    kind = "model_unreadable"
    template = N_("The model file “{path}” cannot be read: {reason}.")
    advice = N_("Check the permissions of the file and its folder, and that its disk is connected.")


class NotAModelFile(ModelError):
    """Values: ``path``."""

    kind = "not_a_model"
    template = N_("“{path}” is not a GGUF model file.")
    advice = N_("Inkstone runs models in the GGUF format; their names end in .gguf.")


class ModelFileDamaged(ModelError):
    """Values: ``path``, ``reason`` (a Sentence or short English phrase)."""

    kind = "model_damaged"
    template = N_("The model file “{path}” is damaged or incomplete: {reason}.")
    advice = N_("Download or copy it again; your conversations are not affected.")


class ModelUnsupported(ModelError):
    """Values: ``path``, ``architecture``."""

    kind = "model_unsupported"
    template = N_("“{path}” is a model of a kind that cannot be used here ({architecture}).")
    advice = N_("Choose a chat model, or update Inkstone if the model is new.")


class ModelMissing(ModelError):
    """Values: ``name``, ``path`` (where it was)."""

    kind = "model_missing"
    template = N_("The file of “{name}” is not at “{path}” any more.")
    advice = N_("Connect its disk, show where it is now, download it again, or use another model.")


class FolderUnreadable(ModelError):
    """Values: ``path``, ``reason``."""

    kind = "folder_unreadable"
    template = N_("The folder “{path}” cannot be read: {reason}.")
    advice = N_("Check its permissions, and that its disk is connected.")


class ModelNotOurs(ModelError):
    """Values: ``name``, ``owner`` (the program it belongs to), ``path``."""

    kind = "model_not_ours"
    template = N_("“{path}” belongs to {owner} and was not deleted.")
    advice = N_("Delete it there, or confirm that it shall be deleted all the same.")


class ModelNotDeleted(ModelError):
    """Values: ``path``, ``reason`` (the system's words)."""

    kind = "model_not_deleted"
    template = N_("The model file “{path}” could not be deleted: {reason}.")
    advice = N_("Close the programs that use it, and check the permissions of its folder.")


class ModelDiffers(ModelError):
    """Values: ``name`` (the missing model), ``path`` (the file offered), ``reason`` (a Sentence)."""

    kind = "model_differs"
    template = N_("“{path}” is not the missing model “{name}”: {reason}.")
    advice = N_("Choose its own file, or add this one to the library as another model.")


class StarterStays(ModelError):
    """No values."""

    kind = "starter_stays"
    template = N_("The starter model is part of Inkstone and cannot be deleted.")
    advice = N_("It takes no memory while another model is in use.")


class ModelTooBig(ModelError):
    """Values: ``path``, ``needed_gib``, ``available_gib`` (numbers with one decimal)."""

    kind = "model_too_big"
    template = N_("“{path}” needs about {needed_gib} GiB of memory, but only {available_gib} GiB can be used.")
    advice = N_("Close other programs, choose a smaller model, or set a shorter context length.")


class ModelLoadFailed(ModelError):
    """Values: ``path``, ``reason`` (llama.cpp's last words)."""

    kind = "model_load_failed"
    template = N_("The model “{path}” could not be loaded: {reason}.")
    advice = N_("Choose another model, or download this one again.")


class ModelOutOfMemory(ModelLoadFailed):
    """Values: ``path``, ``reason`` (llama.cpp's last words)."""

    kind = "model_out_of_memory"
    template = N_("There was not enough memory to load “{path}”: {reason}.")
    advice = N_("Close other programs, choose a smaller model, or set a shorter context length.")
