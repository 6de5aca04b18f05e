"""``inkstone models list|catalog|search|info|fit``: what there is, and whether it would run here."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from assistant.cli import words
from assistant.cli.counter import Counter, counter
from assistant.cli.output import Output
from assistant.errors import ModelNotFound, ReferenceInvalid
from assistant.i18n import _
from assistant.market import Outlook
from assistant.models import library
from assistant.models.catalog import catalog
from assistant.models.catalog_refresh import as_toml, refresh
from assistant.models.gguf import read_header
from assistant.models.listing import folders_of
from assistant.models.model_file import ModelFile
from assistant.models.offers import choose
from assistant.models.reference import parse_reference
from assistant.models.remote import Offer, Page, Query, Reference, Repository, Sort
from assistant.paths import Paths
from assistant.safe_file import write_safely


def list_models(_options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Print every model file that is known, the starter first; a file that cannot be used says why."""
    with counter(paths, output) as desk:
        desk.know_devices()
        listed = desk.market.library.all()
        verdicts = desk.value(desk.market.judge.verdicts([installed.model for installed in listed]))
        assert isinstance(verdicts, dict)
        for installed in listed:
            model, verdict = installed.model, verdicts.get(installed.id)
            output.object(
                "model",
                **_facts(model),
                verdict=verdict,
                owner=model.owner.value,
                tokens_per_s=model.tokens_per_s or None,
                last_used=model.last_used,
                is_default=installed.is_default,
                problem=model.problem.message if model.problem else None,
            )
            judged = words.verdict(verdict) if verdict else ""
            problem = f"  – {model.problem.message}" if model.problem else ""
            mark = "*" if installed.is_default else " "
            size = words.size(model.size_bytes)
            output.text(f"{mark} {model.id:<44} {size:>8}  {model.quantization:<8} {judged:<8} {model.name}{problem}")


def list_catalog(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Print the catalog, the recommended one first; or compare it with the hub and write it anew."""
    with counter(paths, output) as desk:
        if options.refresh:
            _refresh(desk, output, Path(options.output) if options.output else None)
            return
        desk.know_devices()
        best = desk.market.judge.recommendation()
        for listing in desk.market.suggestions():
            repository = listing.repository
            (offer,) = repository.offers
            outlook = desk.market.outlook(repository, offer)
            _print_offer(output, repository, offer, outlook, name=listing.title, is_recommended=listing.is_recommended)
            if listing.is_recommended:
                output.text(f"    {best.why}")


def search_models(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Print what the hub finds for the words; sizes are not known before a repository is asked for."""
    query = Query(" ".join(options.words), sort=Sort(options.sort))
    left, page = options.limit, ""
    with counter(paths, output) as desk:
        while left > 0:
            found = desk.value(desk.market.search(query, page))
            assert isinstance(found, Page)
            for repository in found.repositories[:left]:
                _print_repository(output, repository)
            left -= len(found.repositories)
            page = found.next_page
            if not page or not found.repositories:
                break


def show_info(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Print what is known of a model on this computer, or of a repository and its files."""
    with counter(paths, output) as desk:
        desk.know_devices()
        model = _here(options.name, desk, paths)
        if model:
            _print_model(output, model, desk.market.judge.outlook_of(model))
            return
        repository = repository_of(desk, reference_of(options.name, desk))
        for offer in repository.offers:
            _print_offer(output, repository, offer, desk.market.outlook(repository, offer), files=True)


def show_fit(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Print whether a model would run here at a context length, and the numbers behind it."""
    with counter(paths, output) as desk:
        desk.know_devices()
        if (task := desk.market.measure_computer()) is not None:
            output.progress(_("Measuring this computer once …"))
            desk.value(task)
            output.clear_progress()
        model = _here(options.name, desk, paths)
        if model:
            outlook = desk.market.judge.outlook_of(model, options.context or 0)
        else:
            reference = reference_of(options.name, desk)
            repository = repository_of(desk, reference)
            offer = choose(repository, reference)
            desk.value(desk.market.measure(repository, offer))
            outlook = desk.market.outlook(repository, offer, options.context or 0)
    _print_fit(output, outlook)


def _print_fit(output: Output, outlook: Outlook) -> None:
    fit = outlook.fit
    output.object(
        "fit",
        verdict=fit.verdict,
        context_length=fit.context_length,
        weights_bytes=fit.weights_bytes,
        kv_bytes=fit.kv_bytes,
        compute_bytes=fit.compute_bytes,
        overhead_bytes=fit.overhead_bytes,
        total_bytes=fit.total_bytes,
        available_bytes=fit.available_bytes,
        tokens_per_s=round(outlook.tokens_per_s, 1) or None,
        is_measured=outlook.is_measured,
        gpu_layers=fit.gpu_layers,
    )
    rows = [
        (_("Weights"), fit.weights_bytes),
        (_("Context of {count} tokens").format(count=fit.context_length), fit.kv_bytes),
        (_("Work space"), fit.compute_bytes),
        (_("The process itself"), fit.overhead_bytes),
        (_("Together"), fit.total_bytes),
        (_("Free memory"), fit.available_bytes),
    ]
    output.text(words.verdict(fit.verdict).capitalize())
    for name, value in rows:
        output.text(f"  {name:<32} {words.size(value):>9}")
    if outlook.tokens_per_s:
        told = _("measured here") if outlook.is_measured else _("expected")
        output.text(f"  {_('Tokens a second'):<32} {outlook.tokens_per_s:>9.1f}  ({told})")


def _print_model(output: Output, model: ModelFile, outlook: Outlook) -> None:
    header = read_header(model.path)
    output.object(
        "model",
        **_facts(model),
        verdict=outlook.fit.verdict,
        owner=model.owner.value,
        architecture=header.architecture,
        parameters=header.parameters,
        layers=header.layers,
        embedding_length=header.embedding_length,
        vocabulary=header.vocabulary,
        has_template=header.has_template,
        repository=model.repository or None,
        sha256=model.sha256 or None,
        sampling=dict(header.sampling),
        files=[str(part) for part in model.parts],
    )
    rows = [
        (_("Name"), model.name),
        (_("File"), str(model.path)),
        (_("Size"), words.size(model.size_bytes)),
        (_("Architecture"), header.architecture),
        (_("Parameters"), words.count(header.parameters)),
        (_("Quantization"), header.quantization),
        (_("Context length"), str(header.context_length)),
        (_("Chat template"), _("yes") if header.has_template else _("no: it only continues text")),
        (_("Licence"), model.licence or "–"),
        (_("From"), model.repository or "–"),
        (_("Here"), words.verdict(outlook.fit.verdict)),
    ]
    for name, value in rows:
        output.text(f"{name:<20} {value}")


def _print_repository(output: Output, repository: Repository) -> None:
    output.object(
        "model",
        id=repository.name,
        path=None,
        size_bytes=None,
        quantization=None,
        context_length=repository.context_length or None,
        licence=repository.licence,
        verdict=None,
        kind=repository.kind,
        parameters=repository.parameters or None,
        downloads=repository.downloads,
        likes=repository.likes,
        modified=repository.modified,
        is_gated=repository.is_gated,
    )
    parameters = words.count(repository.parameters) if repository.parameters else ""
    output.text(f"{repository.name:<60} {parameters:>7}  ↓{words.count(repository.downloads):<6} {repository.licence}")


def _print_offer(
    output: Output,
    repository: Repository,
    offer: Offer,
    outlook: Outlook,
    *,
    name: str = "",
    is_recommended: bool = False,
    files: bool = False,
) -> None:
    listed = {"files": [asdict(file) for file in offer.everything]} if files else {}
    output.object(
        "model",
        id=f"{repository.name}:{offer.id}",
        name=name or repository.title,
        path=None,
        size_bytes=offer.size_bytes,
        quantization=offer.quantization,
        context_length=outlook.longest or None,
        licence=repository.licence,
        verdict=outlook.fit.verdict,
        group=offer.group,
        is_recommended=is_recommended or (files and offer.is_recommended),
        parameters=repository.parameters or None,
        is_gated=repository.is_gated,
        **listed,
    )
    mark = "*" if is_recommended or (files and offer.is_recommended) else " "
    judged = words.verdict(outlook.fit.verdict)
    output.text(f"{mark} {repository.name}:{offer.id:<12} {words.size(offer.size_bytes):>8}  {judged:<8} {name}")


def _facts(model: ModelFile) -> dict[str, object]:
    """Return what every line about a model on this computer has."""
    return {
        "id": model.id,
        "name": model.name,
        "path": model.path,
        "size_bytes": model.size_bytes,
        "quantization": model.quantization,
        "context_length": model.context_length,
        "licence": model.licence,
    }


def _here(name: str, desk: Counter, paths: Paths) -> ModelFile | None:
    """Return the model on this computer that ``name`` means; None when it can only be one of the hub.

    Raises the problem of one that cannot be used.
    """
    try:
        return library.resolve(name, paths, folders_of(desk.assistant.settings))
    except ModelNotFound:
        return None


def reference_of(name: str, desk: Counter) -> Reference:
    """Return what a person wrote as a reference. Raises ModelNotFound, ReferenceInvalid."""
    reference = parse_reference(name, desk.market.endpoint)
    if reference is None:
        raise ModelNotFound(name=name) if "/" not in name else ReferenceInvalid(text=name[:200])
    return reference


def repository_of(desk: Counter, reference: Reference) -> Repository:
    """Ask the hub for a repository. Raises NetworkError."""
    found = desk.value(desk.market.details(reference.repository, reference.revision))
    assert isinstance(found, Repository)
    return found


def _refresh(desk: Counter, output: Output, target: Path | None) -> None:
    """Compare every row with its repository; print what is different, and write the new catalog to ``target``."""

    def fetch(name: str) -> Repository:
        output.progress(name)
        return repository_of(desk, Reference(name))

    entries, differences = refresh(catalog(), fetch)
    output.clear_progress()
    for line in differences:
        output.text(line)
    output.object("done", differences=differences, path=target)
    if target:
        write_safely(target, as_toml(entries, datetime.now(UTC).date()).encode())
