"""What can go wrong in the world, each with a sentence for the user and a hint at what to do.

::

    AssistantError
    ├── ModelError
    │   ├── ModelNotFound          no such file, or no model known by that name
    │   ├── ModelAmbiguous         a short name that several models share
    │   ├── ModelUnreadable        the system refuses to give its bytes
    │   ├── NotAModelFile          the file is something else than GGUF
    │   ├── ModelFileDamaged       a GGUF that ends early or contradicts itself
    │   ├── ModelUnsupported       an architecture or kind that cannot chat here
    │   ├── ModelMissing           a model of the library whose file is gone
    │   ├── ModelNotOurs           a file of another program, not to be deleted unasked
    │   ├── ModelNotDeleted        the system refuses to let its file go
    │   ├── ModelDiffers           a file offered in place of a missing one is another model
    │   ├── StarterStays           the starter model cannot be deleted
    │   ├── ModelTooBig            more memory needed than there is
    │   └── ModelLoadFailed        llama.cpp refused it; its own last words are in ``reason``
    │       └── ModelOutOfMemory   it could be loaded, had there been more memory
    ├── EngineError
    │   ├── NoModel                nothing is loaded to answer with
    │   ├── EngineCrashed          the model's process ended
    │   ├── EngineHung             the model's process does not answer
    │   ├── ContextFull            the prompt is longer than the context
    │   ├── TemplateFailed         the model's chat template raised or took too long
    │   └── GenerationFailed       llama.cpp gave up in the middle
    ├── StoreError
    │   ├── DatabaseDamaged        SQLite cannot read it
    │   ├── DatabaseLocked         another program holds it
    │   ├── DatabaseReadOnly       the file or its folder cannot be written
    │   ├── DatabaseTooNew         written by a later Inkstone
    │   ├── DiskFull               no room for what was to be saved
    │   ├── DiskFailed             the disk could not be read or written
    │   ├── ConversationNotFound
    │   └── MessageNotFound
    ├── NetworkError
    │   ├── NetworkOff             the airplane switch is on
    │   ├── HubUnreachable         no connection, no name, no answer in time
    │   ├── HubFailed              the server says that it failed, or to come later
    │   ├── HubUnintelligible      something answered that is no hub: a login page, a proxy
    │   ├── ProxyUnusable          the proxy is misspelt, of an unknown kind, or does not answer
    │   ├── RepositoryNotFound     no such repository, or a private one
    │   ├── RepositoryHasNoModel   it is there, but without a GGUF file that can be used
    │   ├── RemoteFileNotFound     no such file or quantization in the repository
    │   ├── RepositoryGated        its licence must be accepted first
    │   ├── TokenRefused           the access token is wrong or has ended
    │   └── ReferenceInvalid       what was typed is no model, repository or address
    ├── DownloadError
    │   ├── DownloadExists         it is being downloaded, or is here already
    │   ├── DownloadNotFound       no download by that number
    │   ├── NotEnoughSpace         the disk has no room for all that is queued
    │   ├── FileTooBigForDisk      the disk's format takes no file of that size
    │   ├── FolderNotWritable      the folder of the models refuses new files
    │   ├── NameRefused            a name in the repository that would leave the folder
    │   ├── FileChanged            the file on the server is not the one that was begun
    │   └── ChecksumWrong          all bytes came, but not the right ones, twice
    ├── SettingInvalid             a value outside what its declaration allows
    ├── SettingsSetAside           the settings file could not be understood and was moved aside
    ├── SettingsUnreadable         the system refuses to give the settings file
    └── FolderUnusable             Inkstone's own folder cannot be made or written

Anything else that is raised is a mistake of ours.
"""

from __future__ import annotations

from typing import ClassVar

from assistant.i18n import N_, Sentence


class AssistantError(Exception):
    """The base of all: ``kind`` for programs, ``message`` and ``hint`` for people, rendered when read.

    Values are given by keyword and fill the ``{named}`` fields of both templates.
    """

    kind: ClassVar[str] = "error"
    template: ClassVar[str] = N_("Something went wrong.")
    advice: ClassVar[str] = ""

    def __init__(self, **values: object) -> None:
        super().__init__(values)
        self.values = values

    @property
    def message(self) -> str:
        """What happened, in the language in use."""
        return str(Sentence(self.template, self.values))

    @property
    def hint(self) -> str:
        """What to do about it, in the language in use; empty when there is nothing to say."""
        return str(Sentence(self.advice, self.values))

    def __str__(self) -> str:
        return self.message


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


class EngineError(AssistantError):
    """Something about the running model."""

    kind = "engine"


class NoModel(EngineError):
    """No values."""

    kind = "no_model"
    template = N_("No model is loaded.")
    advice = N_("Choose a model at the top of the window.")


class EngineCrashed(EngineError):
    """Values: ``reason`` (how the process ended, in words)."""

    kind = "engine_crashed"
    template = N_("The model stopped unexpectedly: {reason}.")
    advice = N_("The text so far is kept. Try again; if it happens each time, choose another model.")


class EngineHung(EngineError):
    """Values: ``seconds`` without a sign of life."""

    kind = "engine_hung"
    template = N_("The model has not answered for {seconds} seconds and was ended.")
    advice = N_("The text so far is kept. Try again.")


class ContextFull(EngineError):
    """Values: ``prompt_tokens``, ``context_length``."""

    kind = "context_full"
    template = N_("This conversation needs {prompt_tokens} tokens, but the model can see only {context_length}.")
    advice = N_("Shorten the message, start a new conversation, or set a longer context length in the settings.")


class TemplateFailed(EngineError):
    """Values: ``reason``."""

    kind = "template_failed"
    template = N_("The model's own chat template failed: {reason}.")
    advice = N_("Try another model, or a newer file of this one.")


class GenerationFailed(EngineError):
    """Values: ``reason``."""

    kind = "generation_failed"
    template = N_("The model could not go on: {reason}.")
    advice = N_("The text so far is kept. Try again.")


class StoreError(AssistantError):
    """Something about the database."""

    kind = "store"


class DatabaseDamaged(StoreError):
    """Values: ``path``, ``reason``."""

    kind = "database_damaged"
    template = N_("The database “{path}” is damaged: {reason}.")
    advice = N_("It was left as it is. Put a backup in its place, or move it away to start with an empty one.")


class DatabaseLocked(StoreError):
    """Values: ``path``."""

    kind = "database_locked"
    template = N_("The database “{path}” is in use by another program.")
    advice = N_("Close the other program and try again.")


class DatabaseReadOnly(StoreError):
    """Values: ``path``."""

    kind = "database_read_only"
    template = N_("The database “{path}” cannot be written.")
    advice = N_("Check the permissions of the file and its folder.")


class DatabaseTooNew(StoreError):
    """Values: ``path``, ``found`` and ``known`` (schema versions)."""

    kind = "database_too_new"
    template = N_("The database “{path}” was written by a newer Inkstone (format {found}; this one knows {known}).")
    advice = N_("Update Inkstone. The database was not changed.")


class DiskFull(StoreError):
    """Values: ``path``."""

    kind = "disk_full"
    template = N_("The disk is full: “{path}” could not be saved.")
    advice = N_("Free some space and try again. What you typed is still here.")


class DiskFailed(StoreError):
    """Values: ``path``."""

    kind = "disk_failed"
    template = N_("The disk failed while “{path}” was read or written.")
    advice = N_("Check that the disk is connected and healthy, and keep a copy of the file elsewhere.")


class ConversationNotFound(StoreError):
    """Values: ``id``."""

    kind = "conversation_not_found"
    template = N_("There is no conversation {id}.")
    advice = N_("“inkstone conversations list” shows all of them.")


class MessageNotFound(StoreError):
    """Values: ``id``."""

    kind = "message_not_found"
    template = N_("There is no message {id}.")


class NetworkError(AssistantError):
    """Something between this computer and the hub."""

    kind = "network"


class NetworkOff(NetworkError):
    """No values."""

    kind = "network_off"
    template = N_("Inkstone is offline: its network switch is off.")
    advice = N_("Switch the network on in the settings under Network.")


class HubUnreachable(NetworkError):
    """Values: ``host``, ``reason`` (a Sentence or the system's words)."""

    kind = "hub_unreachable"
    template = N_("“{host}” cannot be reached: {reason}.")
    advice = N_("Check the connection, or set a mirror or proxy in the settings under Network.")


class HubFailed(NetworkError):
    """Values: ``host``, ``status`` (the HTTP status)."""

    kind = "hub_failed"
    template = N_("“{host}” could not answer (HTTP status {status}).")
    advice = N_("Try again in some minutes.")


class HubUnintelligible(NetworkError):
    """Values: ``host``."""

    kind = "hub_unintelligible"
    template = N_("What answered for “{host}” is not the model hub.")
    advice = N_("A login page of the network may stand in between: open a browser, log in, and try again.")


class ProxyUnusable(NetworkError):
    """Values: ``proxy`` (without its password), ``reason``."""

    kind = "proxy_unusable"
    template = N_("The proxy “{proxy}” cannot be used: {reason}.")
    advice = N_("Check it in the settings under Network.")


class RepositoryNotFound(NetworkError):
    """Values: ``name``."""

    kind = "repository_not_found"
    template = N_("There is no repository “{name}”, or it is private.")
    advice = N_("Check the spelling; a private one needs an access token.")


class RepositoryHasNoModel(NetworkError):
    """Values: ``name``."""

    kind = "repository_has_no_model"
    template = N_("“{name}” has no GGUF file that Inkstone can run.")
    advice = N_("Look for a repository of the same model whose name ends in “GGUF”.")


class RemoteFileNotFound(NetworkError):
    """Values: ``name`` (file or quantization), ``repository``, ``candidates`` (what there is, joined)."""

    kind = "remote_file_not_found"
    template = N_("“{repository}” has no “{name}”.")
    advice = N_("There are: {candidates}.")


class RepositoryGated(NetworkError):
    """Values: ``name``, ``url`` (the page with the licence)."""

    kind = "repository_gated"
    template = N_("The makers of “{name}” ask you to accept their licence first.")
    advice = N_("Accept it at {url}, then enter an access token of your account.")


class TokenRefused(NetworkError):
    """Values: ``host``."""

    kind = "token_refused"
    template = N_("“{host}” does not accept the access token.")
    advice = N_("Make a new one on the site under Settings → Access Tokens, and enter it again.")


class ReferenceInvalid(NetworkError):
    """Values: ``text`` (what was typed)."""

    kind = "reference_invalid"
    template = N_("“{text}” is not the address of a model.")
    advice = N_("Write “maker/model”, “maker/model:Q4_K_M”, or paste the address of its page.")


class DownloadError(AssistantError):
    """Something about bringing a file here."""

    kind = "download"


class DownloadExists(DownloadError):
    """Values: ``name``."""

    kind = "download_exists"
    template = N_("“{name}” is being downloaded or is already here.")


class DownloadNotFound(DownloadError):
    """Values: ``id``."""

    kind = "download_not_found"
    template = N_("There is no download {id}.")


class NotEnoughSpace(DownloadError):
    """Values: ``path``, ``needed_gb`` and ``free_gb`` (numbers with one decimal)."""

    kind = "not_enough_space"
    template = N_("“{path}” has {free_gb} GB free, but {needed_gb} GB are needed.")
    advice = N_("Free some space, or choose another folder for models in the settings. What has come is kept.")


class FileTooBigForDisk(DownloadError):
    """Values: ``path``, ``name``."""

    kind = "file_too_big_for_disk"
    template = N_("The disk of “{path}” takes no file larger than 4 GB, and “{name}” is.")
    advice = N_("Choose a folder on another disk for models in the settings, or a smaller quantization.")


class FolderNotWritable(DownloadError):
    """Values: ``path``, ``reason`` (the system's words)."""

    kind = "folder_not_writable"
    template = N_("Models cannot be saved in “{path}”: {reason}.")
    advice = N_("Check its permissions, or choose another folder for models in the settings.")


class NameRefused(DownloadError):
    """Values: ``name``."""

    kind = "name_refused"
    template = N_("The repository names a file “{name}” that cannot be saved safely.")
    advice = N_("Choose another repository of this model.")


class FileChanged(DownloadError):
    """Values: ``name``."""

    kind = "file_changed"
    template = N_("“{name}” was replaced on the server while it was being downloaded.")
    advice = N_("Start it again to get the new file.")


class ChecksumWrong(DownloadError):
    """Values: ``name``."""

    kind = "checksum_wrong"
    template = N_("“{name}” came twice and does not match its checksum: the file on the server is not what it says.")
    advice = N_("It was not kept. Try again later, or choose another repository of this model.")


class SettingInvalid(AssistantError):
    """Values: ``name`` (for people), ``value``, ``allowed`` (a Sentence or text), ``setting`` (as declared)."""

    kind = "setting_invalid"
    template = N_("“{value}” cannot be used for {name}: {allowed}.")


class SettingsSetAside(AssistantError):
    """Values: ``path``, ``kept`` (where the broken file lies now), ``reason``."""

    kind = "settings_set_aside"
    template = N_("The settings in “{path}” could not be understood: {reason}.")
    advice = N_("The file was kept as “{kept}”; Inkstone goes on with the default settings.")


class SettingsUnreadable(AssistantError):
    """Values: ``path``, ``reason``."""

    kind = "settings_unreadable"
    template = N_("The settings in “{path}” cannot be read: {reason}.")
    advice = N_("Inkstone goes on with the default settings. Check the permissions of the file.")


class FolderUnusable(AssistantError):
    """Values: ``path``, ``reason``."""

    kind = "folder_unusable"
    template = N_("Inkstone's folder “{path}” cannot be used: {reason}.")
    advice = N_("Check its permissions, or set INKSTONE_HOME to another folder.")
