"""The part of a file beside other processes; what a transfer does with it is in ``test_transfer``."""

from assistant.models import part_file
from assistant.models.part_file import PartFile


def test_a_part_that_another_process_just_finished_is_not_written_to(tmp_path, monkeypatch):
    path, finished = tmp_path / "m.gguf.part", tmp_path / "m.gguf"
    path.write_bytes(b"whole")
    lock = part_file._lock

    def moved_before(file):
        if not finished.exists():
            path.rename(finished)
        lock(file)

    monkeypatch.setattr(part_file, "_lock", moved_before)
    with PartFile(path, "m.gguf") as part:
        part.room[:3] = b"new"
        part.append(3, 0)
    assert (finished.read_bytes(), path.read_bytes()) == (b"whole", b"new")
