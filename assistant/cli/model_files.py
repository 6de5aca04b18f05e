"""``inkstone models download|verify|import|remove|use``: bringing model files here, and what is done with them."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from assistant.changes import DownloadDone, Notice
from assistant.cli import words
from assistant.cli.counter import Counter, counter
from assistant.cli.models import reference_of, repository_of
from assistant.cli.output import Output
from assistant.errors import ModelNotFound
from assistant.i18n import _, ngettext
from assistant.market import Looked
from assistant.models import library
from assistant.models.deletion import Gone
from assistant.models.download_state import Download, DownloadState
from assistant.models.listing import folders_of
from assistant.models.offers import choose
from assistant.paths import Paths

BAR = 24
"""Characters of the progress bar."""
PROGRESS_S = 0.5
"""Between two lines of progress where they are no bar."""
_ENDED = (DownloadState.DONE, DownloadState.FAILED, DownloadState.PAUSED)


def download_model(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Bring a model here, go on with what came before, verify it. Ctrl+C keeps what has come.

    Raises NetworkError and DownloadError.
    """
    with counter(paths, output) as desk:
        reference = reference_of(options.name, desk)
        repository = repository_of(desk, reference)
        offer = choose(repository, reference)
        desk.market.downloads.start(repository, offer)
        (download,) = desk.market.downloads.all()
        model_id = _follow(desk, download.id, output)
        done = desk.market.downloads.get(download.id)
        sha256 = done.files[0].sha256
        output.object("done", id=model_id, path=done.path, sha256=sha256 or None, size_bytes=done.bytes_total)
        output.text(_("“{name}” is here: {path}").format(name=done.title, path=done.path))
        desk.market.downloads.clear()


def verify_model(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Compare every byte with the checksum. Raises ModelFileDamaged for a file that does not match."""
    with counter(paths, output) as desk:
        model = _model(options.name, desk, paths)
        output.progress(_("Checking {name} …").format(name=model.path.name))
        is_known = desk.value(desk.market.library.verify(model.id))
        output.clear_progress()
        output.object("done", id=model.id, path=model.path, has_checksum=is_known is True)
        if is_known:
            output.text(_("“{name}” is whole: it matches its checksum.").format(name=model.name))
        else:
            output.text(_("“{name}” is sound, but there is no checksum to compare it with.").format(name=model.name))


def remove_model(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Move a model to the trash, and say what became of it.

    Raises ModelNotOurs for another program's file unless ``--force``, and ModelNotDeleted.
    """
    with counter(paths, output) as desk:
        model = _model(options.name, desk, paths, is_usable=False)
        task, _changes = desk.market.library.delete(model.id, confirm_foreign=options.force)
        gone = desk.value(task)
        assert isinstance(gone, Gone)
        output.object("done", id=model.id, path=model.path, outcome=gone)
        output.text(gone.sentence(model.name))


def import_model(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Use a file where it lies, or a copy of it in the models folder. Raises what reading its header raises."""
    with counter(paths, output) as desk:
        path = Path(options.path).expanduser().absolute()
        if path.is_dir():
            _import_folder(path, desk, output)
            return
        if options.copy:
            output.progress(_("Copying {name} …").format(name=path.name))
            found = desk.value(desk.market.intake.copy(path))
            output.clear_progress()
            assert isinstance(found, Path)
            path = found
        else:
            desk.market.intake.add(path)
        model = _model(str(path), desk, paths)
        output.object("done", id=model.id, path=model.path)
        output.text(f"{model.id}  {model.path}")


def _import_folder(folder: Path, desk: Counter, output: Output) -> None:
    """Look through a folder, now and from now on. Raises FolderUnreadable."""
    looked = desk.value(desk.market.intake.look_in(folder))
    assert isinstance(looked, Looked)
    output.object("done", path=folder, count=looked.count)
    sentence = ngettext("{count} file was found in “{path}”.", "{count} files were found in “{path}”.", looked.count)
    output.text(sentence.format(count=looked.count, path=folder))


def use_model(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Load a model at the next start. Raises ModelNotFound."""
    with counter(paths, output) as desk:
        model = _model(options.name, desk, paths)
        desk.market.library.set_default(model.id)
        output.object("done", id=model.id, path=model.path)
        output.text(_("“{name}” is used from now on.").format(name=model.name))


def _follow(desk: Counter, download_id: str, output: Output) -> str:
    """Show how far it is until it has come; returns the id of the model. Raises what ended it."""
    downloads, model_id = desk.market.downloads, ""
    told_at, told = 0.0, None

    def is_over() -> bool:
        nonlocal told_at, told
        now, download = time.monotonic(), downloads.get(download_id)
        if now - told_at >= PROGRESS_S or download.state is not told:
            told_at, told = now, download.state
            _show(download, output)
        return download.state in _ENDED

    for change in desk.changes(is_over):
        if isinstance(change, DownloadDone):
            model_id = change.model_id
        elif isinstance(change, Notice):
            output.remark(change.error.message)
    output.clear_progress()
    download = downloads.get(download_id)
    if download.error:
        raise download.error
    return model_id


def _show(download: Download, output: Output) -> None:
    output.object(
        "progress",
        bytes_done=download.bytes_done,
        bytes_total=download.bytes_total,
        state=download.state,
        bytes_per_s=round(download.bytes_per_s) or None,
        attempts=download.attempts,
    )
    share = download.bytes_done / download.bytes_total if download.bytes_total else 0.0
    bar = ("█" * round(share * BAR)).ljust(BAR, "░")
    parts = [f"{bar} {share:4.0%}", f"{words.size(download.bytes_done)} / {words.size(download.bytes_total)}"]
    if download.bytes_per_s:
        parts.append(f"{words.size(download.bytes_per_s)}/s")
    if download.seconds_left:
        parts.append(words.duration(download.seconds_left))
    if download.state is DownloadState.VERIFYING:
        parts.append(_("checking"))
    if download.state is DownloadState.WAITING and download.error:
        parts.append(download.error.message)
    output.progress("  ".join(parts))


def _model(name: str, desk: Counter, paths: Paths, *, is_usable: bool = True) -> library.ModelFile:
    """Return the model that ``name`` means; with ``is_usable`` False one that is missing or damaged, too."""
    if not is_usable:
        listed = [installed.model for installed in desk.market.library.all()]
        if found := next((model for model in listed if name in (model.id, model.name)), None):
            return found
    model = library.resolve(name, paths, folders_of(desk.assistant.settings))
    if model.id not in [installed.id for installed in desk.market.library.all()]:
        raise ModelNotFound(name=name)
    return model
