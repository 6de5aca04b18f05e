"""How each offer stands here: judged once, and again when something is different."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.models.download_state import DownloadState
from assistant.models.library import model_of
from ui.models.source import OfferState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.models.download_state import Download
    from assistant.models.remote import Offer, Repository
    from ui.models.source import Installed, ModelSource, Outlook


class Judge:
    """Keeps what it asked, since a list is shown often and asking takes milliseconds for each offer."""

    def __init__(self, source: ModelSource) -> None:
        self._source = source
        self._outlooks: dict[tuple[str, str, str], Outlook] = {}
        self._models: Sequence[Installed] | None = None

    def forget(self) -> None:
        """The memory, or the models here, are different: everything is to be judged again."""
        self._outlooks.clear()
        self._models = None

    def forget_repository(self, name: str) -> None:
        """More is known of one repository."""
        self._outlooks = {key: kept for key, kept in self._outlooks.items() if key[0] != name}

    def models(self) -> Sequence[Installed]:
        """Return the models on this computer."""
        if self._models is None:
            self._models = self._source.library.all()
        return self._models

    def outlook(self, repository: Repository, offer: Offer) -> Outlook:
        """Return how an offer would do here at the context length it would get."""
        key = (repository.name, repository.commit, offer.id)
        if key not in self._outlooks:
            self._outlooks[key] = self._source.outlook(repository, offer)
        return self._outlooks[key]

    def states(self, repository: Repository) -> list[OfferState]:
        """Return each offer of a repository as it stands here."""
        queue: dict[str, Download] = {
            download.offer: download
            for download in self._source.downloads.all()
            if download.repository == repository.name and download.state is not DownloadState.DONE
        }
        files = [each.model for each in self.models()]
        used = {each.id for each in self.models() if each.is_used}
        states = []
        for offer in repository.offers:
            model = model_of(repository.name, offer, files)
            states.append(
                OfferState(
                    offer=offer,
                    outlook=self.outlook(repository, offer),
                    model_id=model.id if model else "",
                    is_used=model is not None and model.id in used,
                    download=queue.get(offer.id),
                )
            )
        return states
