"""Other programs' model folders, as these programs lay them out, in a home of one's own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from assistant.models.places import Places
from tests.fakes.gguf_files import tiny_gguf, write_tiny_gguf


def places(home: Path, platform: str = "linux", **environment: str) -> Places:
    """Return the places of a user with that home; the system's folders lie in it too."""
    return Places(home, environment, platform, root=home / "root")


def in_hub_cache(
    hub: Path, repository: str, file: str, commit: str = "c1", *, main: bool = True, **gguf: object
) -> Path:
    """Cache a file as huggingface_hub does: a blob named by its checksum, a link to it in a snapshot."""
    folder = hub / f"models--{repository.replace('/', '--')}"
    data = content(**gguf)
    blob = folder / "blobs" / hashlib.sha256(data).hexdigest()
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(data)
    link = folder / "snapshots" / commit / file
    link.parent.mkdir(parents=True, exist_ok=True)
    up = "/".join([".."] * (len(Path(file).parts) + 1))
    link.symlink_to(f"{up}/blobs/{blob.name}")
    if main:
        (folder / "refs").mkdir(exist_ok=True)
        (folder / "refs" / "main").write_text(commit)
    return link


def share_blob(link: Path, hub: Path) -> Path:
    """Move a cached file's blob to the store that all repositories share: a second link on the way."""
    blob = (link.parent / link.readlink()).resolve()
    shared = hub / "blobs" / "ab" / ("ab" * 32)
    shared.parent.mkdir(parents=True, exist_ok=True)
    blob.rename(shared)
    blob.symlink_to(f"../../blobs/ab/{shared.name}")
    return shared


def in_ollama(
    store: Path, name: str, tag: str, *, registry: str = "registry.ollama.ai", projector: bool = False, **gguf: object
) -> Path:
    """Put a model into Ollama's store; ``name`` with its maker (``library`` for Ollama's own)."""
    layers = [{"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:" + "0" * 64}]
    blob = _blob(store, content(**gguf))
    layers.append({"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{blob.name[7:]}"})
    if projector:
        seeing = _blob(store, content(architecture="clip", general__type="mmproj"))
        layers.append({"mediaType": "application/vnd.ollama.image.projector", "digest": f"sha256:{seeing.name[7:]}"})
    manifest = store / "manifests" / registry / name / tag
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    return blob


def in_jan(data: Path, model: str, *, elsewhere: Path | None = None, **gguf: object) -> Path:
    """Put a model with its description into Jan's data folder; the file itself perhaps elsewhere."""
    folder = data / "llamacpp" / "models" / model
    path = elsewhere or folder / "model.gguf"
    write_tiny_gguf(path, **gguf)
    folder.mkdir(parents=True, exist_ok=True)
    named = str(elsewhere) if elsewhere else f"llamacpp/models/{model}/model.gguf"
    lines = [f"model_path: {named}", f"name: {model.rpartition('/')[2]} # a comment", "size_bytes: 5", "  nested: x"]
    (folder / "model.yml").write_text("\n".join(lines))
    return path


def content(**gguf: object) -> bytes:
    """Return the bytes of a tiny model."""
    made = tiny_gguf(**gguf)
    return made.header() + bytes(made.data_bytes())


def _blob(store: Path, data: bytes) -> Path:
    blob = store / "blobs" / f"sha256-{hashlib.sha256(data).hexdigest()}"
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(data)
    return blob
