"""What can go wrong in the world, each with a sentence for the user and a hint at what to do.

::

    AssistantError
    ├── ModelError
    │   ├── ModelNotFound          no such file, or no model known by that name
    │   ├── ModelAmbiguous         a short name that several models share
    │   ├── FolderUnreadable       the system does not let a folder of models be read
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
    │   │   └── TokenTooNarrow     it is good, but not for what was asked
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
    ├── FolderUnusable             Inkstone's own folder cannot be made or written
    ├── TokenNotKept               the keyring does not say whether it has the access token
    └── TokenNotForgotten          the keyring keeps the access token although it shall not

Anything else that is raised is a mistake of ours.
"""

from __future__ import annotations

from assistant.errors.base import (
    AssistantError,
)
from assistant.errors.downloads import (
    ChecksumWrong,
    DownloadError,
    DownloadExists,
    DownloadNotFound,
    FileChanged,
    FileTooBigForDisk,
    FolderNotWritable,
    NameRefused,
    NotEnoughSpace,
)
from assistant.errors.engine import (
    ContextFull,
    EngineCrashed,
    EngineError,
    EngineHung,
    GenerationFailed,
    NoModel,
    TemplateFailed,
)
from assistant.errors.models import (
    FolderUnreadable,
    ModelAmbiguous,
    ModelDiffers,
    ModelError,
    ModelFileDamaged,
    ModelLoadFailed,
    ModelMissing,
    ModelNotDeleted,
    ModelNotFound,
    ModelNotOurs,
    ModelOutOfMemory,
    ModelTooBig,
    ModelUnreadable,
    ModelUnsupported,
    NotAModelFile,
    StarterStays,
)
from assistant.errors.network import (
    HubFailed,
    HubUnintelligible,
    HubUnreachable,
    NetworkError,
    NetworkOff,
    ProxyUnusable,
    ReferenceInvalid,
    RemoteFileNotFound,
    RepositoryGated,
    RepositoryHasNoModel,
    RepositoryNotFound,
    TokenRefused,
    TokenTooNarrow,
)
from assistant.errors.settings import (
    FolderUnusable,
    SettingInvalid,
    SettingsSetAside,
    SettingsUnreadable,
    TokenNotForgotten,
    TokenNotKept,
)
from assistant.errors.store import (
    ConversationNotFound,
    DatabaseDamaged,
    DatabaseLocked,
    DatabaseReadOnly,
    DatabaseTooNew,
    DiskFailed,
    DiskFull,
    MessageNotFound,
    StoreError,
)

__all__ = [
    "AssistantError",
    "ChecksumWrong",
    "ContextFull",
    "ConversationNotFound",
    "DatabaseDamaged",
    "DatabaseLocked",
    "DatabaseReadOnly",
    "DatabaseTooNew",
    "DiskFailed",
    "DiskFull",
    "DownloadError",
    "DownloadExists",
    "DownloadNotFound",
    "EngineCrashed",
    "EngineError",
    "EngineHung",
    "FileChanged",
    "FileTooBigForDisk",
    "FolderNotWritable",
    "FolderUnreadable",
    "FolderUnusable",
    "GenerationFailed",
    "HubFailed",
    "HubUnintelligible",
    "HubUnreachable",
    "MessageNotFound",
    "ModelAmbiguous",
    "ModelDiffers",
    "ModelError",
    "ModelFileDamaged",
    "ModelLoadFailed",
    "ModelMissing",
    "ModelNotDeleted",
    "ModelNotFound",
    "ModelNotOurs",
    "ModelOutOfMemory",
    "ModelTooBig",
    "ModelUnreadable",
    "ModelUnsupported",
    "NameRefused",
    "NetworkError",
    "NetworkOff",
    "NoModel",
    "NotAModelFile",
    "NotEnoughSpace",
    "ProxyUnusable",
    "ReferenceInvalid",
    "RemoteFileNotFound",
    "RepositoryGated",
    "RepositoryHasNoModel",
    "RepositoryNotFound",
    "SettingInvalid",
    "SettingsSetAside",
    "SettingsUnreadable",
    "StarterStays",
    "StoreError",
    "TemplateFailed",
    "TokenNotForgotten",
    "TokenNotKept",
    "TokenRefused",
    "TokenTooNarrow",
]
