"""A source for the models page with real values: it answers tasks only when told to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.changes import DownloadsChanged, ModelsChanged, TaskFinished
from assistant.engine.protocol import Sampling
from assistant.errors import ModelFileDamaged, ModelMissing, ModelNotOurs, ModelTooBig
from assistant.model_choice import Habits
from assistant.models.download_state import Download, DownloadState
from assistant.models.fit import Fit, Verdict
from assistant.models.model_file import ModelFile, Owner
from assistant.models.remote import Group, Kind, Offer, RemoteFile, Repository
from ui.models.source import Computer, Installed, Listing, Outlook

GB = 1_000_000_000
FOLDER = Path("/home/ada/.local/share/Inkstone/models")
COMPUTER = Computer(
    memory_bytes=int(15.6 * GB),
    available_bytes=int(11.2 * GB),
    cores=8,
    folder=FOLDER,
    features="AVX2",
    disk_free_bytes=212 * GB,
    models_bytes=int(7.4 * GB),
    model_bytes=int(3.1 * GB),
    most_parameters=14 * GB,
)
_BANDWIDTH = 30 * GB
_SHELVES = {"Q2": Group.SMALL, "Q3": Group.SMALL, "IQ": Group.SMALL, "Q4": Group.BALANCED, "Q5": Group.BALANCED}


def offer(quantization, gigabytes, *, repository="", is_recommended=False, projector=None):
    name = f"{repository.rpartition('/')[2].removesuffix('-GGUF') or 'model'}-{quantization}.gguf"
    file = RemoteFile(name, int(gigabytes * GB), "a" * 64)
    group = _SHELVES.get(quantization[:2], Group.LARGE)
    return Offer(quantization, quantization, group, (file,), projector, is_recommended)


def repository(name, billions=4.0, *, kind=Kind.CHAT, licence="apache-2.0", context=32768, offers=(), **more):
    made = tuple(
        offer(label, size, repository=name, is_recommended=label == "Q4_K_M") for label, size in dict(offers).items()
    )
    return Repository(
        name,
        commit="c" * 40,
        licence=licence,
        kind=kind,
        parameters=int(billions * GB),
        context_length=context,
        architecture="qwen3",
        offers=made,
        has_details=bool(made),
        **more,
    )


def suggestion(name, billions, title, maker, for_whom, *, offers, is_recommended=False, **more):
    listed = repository(name, billions, offers=offers, **more)
    return Listing(listed, title, maker, for_whom, is_recommended, is_suggested=True)


SUGGESTIONS = (
    suggestion(
        "unsloth/Qwen3.5-4B-GGUF", 4.0, "Qwen3.5 4B", "Alibaba",
        "A good all-rounder for chat and editing, and it reads pictures; strong in English, German and Chinese.",
        kind=Kind.VISION, context=262144, offers={"Q4_K_M": 2.74}, is_recommended=True,
    ),
    suggestion(
        "bartowski/google_gemma-4-E2B-it-GGUF", 5.1, "Gemma 4 E2B", "Google",
        "Careful with tone; the better choice for letters.",
        licence="gemma", context=131072, offers={"Q4_K_M": 3.46},
    ),
    suggestion(
        "bartowski/Llama-3.2-1B-Instruct-GGUF", 1.2, "Llama 3.2 1B", "Meta", "Quick first drafts on any laptop.",
        licence="llama3.2", context=131072, offers={"Q4_K_M": 0.81},
    ),
    suggestion(
        "unsloth/Qwen3.5-9B-GGUF", 9.2, "Qwen3.5 9B", "Alibaba",
        "More knowledge and better reasoning, at half the speed.",
        context=262144, offers={"Q4_K_M": 5.68},
    ),
    suggestion(
        "unsloth/Qwen3.6-27B-GGUF", 27, "Qwen3.6 27B", "Alibaba", "For computers with a large graphics card.",
        context=262144, offers={"Q4_K_M": 17.6},
    ),
    suggestion(
        "nomic-ai/nomic-embed-text-v1.5-GGUF", 0.137, "Nomic Embed Text 1.5", "Nomic",
        "Finds passages in your documents by their meaning.",
        kind=Kind.EMBEDDING, context=2048, offers={"Q8_0": 0.146},
    ),
)  # fmt: skip
QWEN = SUGGESTIONS[0].repository
MANY = {
    "IQ2_M": 1.7, "Q2_K": 1.8, "Q3_K_S": 2.0, "Q3_K_M": 2.2, "IQ4_XS": 2.4, "Q4_0": 2.5, "Q4_K_S": 2.6, "Q4_K_M": 2.7,
    "Q5_K_S": 3.1, "Q5_K_M": 3.2, "Q6_K": 3.8, "Q8_0": 4.9, "F16": 9.2,
}  # fmt: skip


def found(number=0, **more):
    """A repository as a search lists it: no sizes."""
    when = datetime(2026, 5, 1, tzinfo=UTC) - timedelta(days=9 * number)
    names = ("Qwen3-4B-Instruct-2507", "Mistral-Small-24B-Instruct", "SmolLM3-3B", "Phi-5-mini", "gemma-4-12b-it")
    makers = ("bartowski", "unsloth", "ggml-org", "lmstudio-community")
    name = f"{makers[number % 4]}/{names[number % 5]}{f'-v{number}' if number > 4 else ''}-GGUF"
    values = {"modified": when, "downloads": 1_240_000 // (number + 1), "likes": 1800 // (number + 1)} | more
    return repository(name, (4.0, 23.6, 3.1, 3.8, 11.9)[number % 5], **values)


def model(model_id="qwen", name="Qwen3.5 4B", gigabytes=2.74, quantization="Q4_K_M", **more):
    path = more.pop("path", FOLDER / "unsloth" / "Qwen3.5-4B-GGUF" / f"{name.replace(' ', '-')}-{quantization}.gguf")
    values = {"context_length": 262144, "licence": "apache-2.0", "architecture": "qwen35", "parameters": 4 * GB}
    return ModelFile(model_id, name, path, int(gigabytes * GB), quantization, **(values | more))


class FakeQueue:
    def __init__(self):
        self.list = []
        self.asked = []
        self.refusal = None

    def all(self):
        return list(self.list)

    def put(self, download):
        """Set a download as it stands, at its place."""
        ids = [each.id for each in self.list]
        if download.id in ids:
            self.list[ids.index(download.id)] = download
        else:
            self.list.append(download)

    def start(self, repository, offer):
        if self.refusal:
            raise self.refusal
        download = Download(
            f"d{len(self.list) + 1}",
            repository.name,
            repository.commit,
            offer.id,
            offer.everything,
            FOLDER / repository.name,
            licence=repository.licence,
        )
        self.asked.append(("start", repository.name, offer.id))
        self.list.append(download)
        return [DownloadsChanged()]

    def _set(self, word, download_id, **values):
        self.asked.append((word, download_id))
        self.list = [replace(each, **values) if each.id == download_id else each for each in self.list]
        return [DownloadsChanged()]

    def pause(self, download_id):
        return self._set("pause", download_id, state=DownloadState.PAUSED)

    def resume(self, download_id):
        return self._set("resume", download_id, state=DownloadState.QUEUED, error=None)

    def cancel(self, download_id):
        self.asked.append(("cancel", download_id))
        self.list = [each for each in self.list if each.id != download_id]
        return [DownloadsChanged()]

    def move(self, download_id, place):
        self.asked.append(("move", download_id, place))
        moved = next(each for each in self.list if each.id == download_id)
        self.list.remove(moved)
        self.list.insert(place, moved)
        return [DownloadsChanged()]

    def clear(self):
        self.asked.append(("clear",))
        self.list = [each for each in self.list if each.state is not DownloadState.DONE]
        return [DownloadsChanged()]


class FakeLibrary:
    def __init__(self, source):
        self._source = source
        self.list = []
        self.asked = []
        self.refusals = {}
        self.habits_by_id = {}

    def all(self):
        return list(self.list)

    def _do(self, *asked):
        self.asked.append(asked)
        refusal = self.refusals.pop(asked[0], None)
        if refusal:
            raise refusal
        return [ModelsChanged()]

    def use(self, model_id, *, anyway=False):
        if self.refusals.get("use") and not anyway:
            raise self.refusals["use"]
        self.asked.append(("use", model_id, anyway))
        self.list = [replace(each, is_used=each.id == model_id) for each in self.list]
        return [ModelsChanged()]

    def set_default(self, model_id):
        self.list = [replace(each, is_default=each.id == model_id) for each in self.list]
        return self._do("set_default", model_id)

    def newer(self, model_id):
        return self._source.begin("newer", model_id)

    @property
    def common_sampling(self):
        return Sampling(temperature=0.8, top_k=40)

    def habits(self, model_id):
        return self.habits_by_id.get(model_id, Habits())

    def set_habits(self, model_id, wanted):
        self.habits_by_id[model_id] = wanted
        return self._do("set_habits", model_id)

    def facts(self, model_id):
        return self._source.begin("facts", model_id)

    def verify(self, model_id):
        return self._source.begin("verify", model_id)

    def delete(self, model_id, *, confirm_foreign=False):
        listed = next(each for each in self.list if each.id == model_id)
        if listed.model.owner is not Owner.OURS and not confirm_foreign:
            raise ModelNotOurs(name=listed.model.name, owner=listed.model.owner.words, path=listed.model.path)
        changes = self._do("delete", model_id, confirm_foreign)
        return self._source.begin("delete", model_id), changes

    def forget(self, model_id):
        return self._do("forget", model_id)

    def locate(self, model_id, path):
        return self._do("locate", model_id, path)

    def download_again(self, model_id):
        return self._do("download_again", model_id)


class FakeIntake:
    """Shares what the library was asked for."""

    def __init__(self, source):
        self._source = source

    def add(self, path):
        return self._source.library._do("add", path)

    def copy(self, path):
        self._source.library.asked.append(("copy", path))
        return self._source.begin("copy", path)

    def look_in(self, folder):
        return self._source.begin("look_in", folder)

    def look_around(self):
        self._source.looked += 1

    def stop_looking_in(self, folder):
        return self._source.library._do("stop_looking_in", folder)


class FakeAccount:
    def __init__(self, source):
        self._source = source
        self.has_token = False

    def save(self, token):
        return self._source.begin("save", token)


class FakeSource:
    """``begun`` are the tasks that wait for their end, by number: what was asked and with what."""

    def __init__(self, notifier=None):
        self._notifier = notifier
        self._last = 0
        self.begun = {}
        self.dropped = []
        self.downloads = FakeQueue()
        self.library = FakeLibrary(self)
        self.intake = FakeIntake(self)
        self.looked = 0
        self.account = FakeAccount(self)
        self.is_offline = False
        self.has = COMPUTER
        self.listings = SUGGESTIONS
        self.exact = set()
        self.is_unmeasured = False
        self.judged = 0

    def begin(self, *asked):
        self._last += 1
        self.begun[self._last] = asked
        return self._last

    def waiting(self, word):
        """The newest task of a kind, 0 when there is none."""
        return max((task for task, asked in self.begun.items() if asked[0] == word), default=0)

    def finish(self, word, value=None, error=None):
        """End the newest task of a kind."""
        task = self.waiting(word)
        assert task, f"nobody asked for {word}"
        self.begun.pop(task)
        self._notifier.publish([TaskFinished(task, value, error)])

    def computer(self):
        return self.has

    def measure_computer(self):
        return self.begin("measure_computer") if self.is_unmeasured else None

    def suggestions(self):
        return self.listings

    def search(self, query, page=""):
        return self.begin("search", query, page)

    def details(self, repository):
        return self.begin("details", repository)

    def readme(self, repository):
        return self.begin("readme", repository)

    def measure(self, repository, offer):
        return self.begin("measure", repository, offer)

    def drop(self, task):
        self.dropped.append(task)
        self.begun.pop(task, None)

    def page_address(self, repository):
        return f"https://hub.example/{repository}"

    def outlook(self, repository, offer, context_length=0):
        self.judged += 1
        length = context_length or min(8192, repository.context_length or 8192)
        weights, kv = offer.size_bytes, int(length * repository.parameters * 0.000037)
        compute, overhead = 160_000_000, 63_000_000
        need = weights + kv + compute + overhead
        available, total = self.has.available_bytes, self.has.memory_bytes
        verdict = Verdict.TIGHT if need <= total - 2 * GB else Verdict.TOO_BIG
        if need <= available - GB:
            verdict = Verdict.FITS
        is_known = repository.name in self.exact or any(repository is each.repository for each in self.listings)
        fit = Fit(verdict, length, weights, kv, compute, overhead, need, available, is_rough=not is_known)
        return Outlook(fit, is_known, _BANDWIDTH / (weights + kv / 2), longest=repository.context_length)


def here(listing, model_id="here", **more):
    """The model that the first offer of a listing brings."""
    first = listing.repository.offers[0]
    values = {"repository": listing.name, "file": first.files[0].name, "kind": listing.repository.kind}
    return installed(model(model_id, listing.title, first.size_bytes / GB, first.quantization, **values), **more)


def installed(listed=None, **more):
    return Installed(listed or model(), **more)


def too_big(path="/models/big.gguf"):
    return ModelTooBig(path=path, needed_gib="21.0", available_gib="11.2")


def missing(name="Gone 7B", **more):
    path = Path("/media/stick/gone-7b-Q4_K_M.gguf")
    values = {"problem": ModelMissing(name=name, path=path), "is_missing": True, "owner": Owner.ADDED} | more
    return installed(model("gone", name, 4.4, path=path, **values))


LIBRARY = (
    installed(
        model("starter", "Starter (SmolLM2 135M)", 0.098, "Q4_1", context_length=8192, parameters=135_000_000,
              is_starter=True, owner=Owner.STARTER, path=Path("/usr/lib/inkstone/smollm2-q4_1.gguf"))
    ),
    installed(
        model(repository="unsloth/Qwen3.5-4B-GGUF", last_used=datetime(2026, 5, 3, 9, tzinfo=UTC), tokens_per_s=12.0,
              kind=Kind.VISION, sha256="0a" * 32),
        is_used=True,
        is_default=True,
    ),
    installed(
        model("lm/phi", "Phi-5 mini", 2.2, owner=Owner.LM_STUDIO, parameters=3_800_000_000,
              path=Path("/home/ada/.lmstudio/models/lmstudio-community/Phi-5-mini-GGUF/Phi-5-mini-Q4_K_M.gguf"))
    ),
    missing(repository="unsloth/Gone-7B-GGUF"),
    installed(
        model("hurt", "holiday-photos", 0.7, "", context_length=0, parameters=0, licence="",
              problem=ModelFileDamaged(path="/home/ada/holiday-photos.gguf", reason="it ends early"),
              owner=Owner.ADDED, path=Path("/home/ada/holiday-photos.gguf"))
    ),
)  # fmt: skip
