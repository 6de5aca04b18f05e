"""Downloads over loopback, checked by SHA-256, beside curl, which checks nothing; and how fast they stop."""

import contextlib
import hashlib
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from assistant.ledger import Ledger
from assistant.models.remote import Location, RemoteFile
from assistant.models.transfer import Stopped, Transfer
from assistant.network import Network, NetworkOptions
from tests.bench.figures import Table, median
from tests.fakes.web import AUTHORITY, head_of, tls_context

MIB = 1 << 20
SIZE = 512 * MIB
PAIRS = 5
PACED_SIZE = 96 * MIB
PACE = 32 * MIB
"""Bytes a second of a fast line at home."""
SEGMENT = 1_400


def serve(path, is_tls, pace):
    """The server, a process of its own: sends the whole file to whoever asks."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    context = tls_context() if is_tls else None
    while True:
        connection, _address = listener.accept()
        threading.Thread(target=answer, args=(connection, context, path, pace), daemon=True).start()


def answer(connection, context, path, pace):
    with contextlib.suppress(OSError, EOFError):
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        path = path if head_of(connection).split()[1] == b"/file" else os.devnull
        with Path(path).open("rb") as file:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (size_of(path) or SIZE))
            if pace:
                trickle(connection, file, pace)
            else:
                connection.sendfile(file)
        connection.recv(1)
    connection.close()


def size_of(path):
    return Path(path).stat().st_size


def trickle(connection, file, pace):
    """Send single segments, as they come over a line."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    began, sent = time.monotonic(), 0
    while piece := file.read(SEGMENT):
        connection.sendall(piece)
        sent += len(piece)
        ahead_s = sent / pace - (time.monotonic() - began)
        if ahead_s > 0.001:
            time.sleep(ahead_s)


@contextlib.contextmanager
def server(path, *, is_tls=False, pace=0):
    command = [sys.executable, "-m", "tests.bench.bench_download", str(path), str(int(is_tls)), str(pace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        yield f"{'https' if is_tls else 'http'}://127.0.0.1:{int(child.stdout.readline())}"
        child.kill()


def by_curl(url, target):
    """Seconds that curl takes, or a bare loop of recv and write where there is no curl."""
    began = time.monotonic()
    if curl := shutil.which("curl"):
        subprocess.run([curl, "--silent", "--noproxy", "*", "--output", target, f"{url}/file"], check=True)
    else:
        bare(url, target)
    return time.monotonic() - began


def bare(url, target):
    host, _colon, port = url.rpartition("/")[2].rpartition(":")
    buffer = bytearray(MIB)
    with socket.create_connection((host, int(port))) as connection, Path(target).open("wb", buffering=0) as file:
        connection.sendall(b"GET /file HTTP/1.1\r\n\r\n")
        head_of(connection)
        for _byte in iter(lambda: file.tell() < SIZE, False):
            file.write(memoryview(buffer)[: connection.recv_into(buffer)])


def transfer_of(url, target, size, sha256):
    network = Network(Ledger(None), NetworkOptions)
    file = RemoteFile("file", size, sha256)
    return Transfer(
        network, lambda: Location(f"{url}/file", {}, size, sha256), target, file, on_progress=lambda _told: 0
    )


def by_us(url, target, size, sha256):
    """Seconds, and seconds of processor time, until the file is verified."""
    began, cpu = time.monotonic(), time.process_time()
    transfer_of(url, target, size, sha256).run()
    return time.monotonic() - began, time.process_time() - cpu


def make(path, size):
    """Make a file of noise and return its checksum."""
    sha256 = hashlib.sha256()
    with path.open("wb") as file:
        for number in range(size // (8 * MIB)):
            piece = random.Random(number).randbytes(8 * MIB)
            sha256.update(piece)
            file.write(piece)
    return sha256.hexdigest()


def throughput(table, folder):
    sha256 = make(folder / "source", SIZE)
    ratios, costs, rates = [], [], []
    with server(folder / "source") as url:
        for _pair in range(PAIRS):
            theirs = by_curl(url, folder / "curl")
            ours, cpu = by_us(url, folder / "ours", SIZE, sha256)
            ratios.append(theirs / ours)
            costs.append(cpu * (1 << 30) / SIZE)
            rates.append(SIZE / ours / 1e6)
            (folder / "curl").unlink()
            (folder / "ours").unlink()
    table.row("throughput with verification : curl without", median(ratios), "", 0.8, at_least=True)
    table.row("throughput", median(rates), "MB/s")
    table.row("processor time", median(costs), "s/GiB", 4)


def others(table, folder):
    sha256 = make(folder / "paced", PACED_SIZE)
    os.environ["SSL_CERT_FILE"] = str(AUTHORITY)
    for name, values in (
        (f"processor time at {PACE // MIB} MiB/s in packets of {SEGMENT} bytes", {"pace": PACE}),
        ("processor time over TLS", {"is_tls": True}),
    ):
        with server(folder / "paced", **values) as url:
            _seconds, cpu = by_us(url, folder / "ours", PACED_SIZE, sha256)
            (folder / "ours").unlink()
        table.row(name, cpu * (1 << 30) / PACED_SIZE, "s/GiB")


def stopping(table, folder):
    times = []
    with server(os.devnull) as url:
        for _time in range(PAIRS):
            transfer = transfer_of(url, folder / "stalled", SIZE, "0" * 64)
            thread = threading.Thread(target=lambda transfer=transfer: run_until_stopped(transfer))
            thread.start()
            time.sleep(0.3)
            began = time.monotonic()
            transfer.stop()
            thread.join()
            times.append((time.monotonic() - began) * 1000)
    table.row("stop on a stalled link, the slowest", max(times), "ms", 300)


def run_until_stopped(transfer):
    with contextlib.suppress(Stopped):
        transfer.run()


def main():
    table = Table(f"Download (loopback, {SIZE // MIB} MiB, medians of {PAIRS} interleaved pairs)")
    with tempfile.TemporaryDirectory() as folder:
        throughput(table, Path(folder))
        others(table, Path(folder))
        stopping(table, Path(folder))


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2] == "1", int(sys.argv[3]))
