"""``make bench``: every benchmark, or those named as arguments."""

import importlib
import sys

BENCHMARKS = ("start", "ui", "engine", "store", "library", "download", "models")


def main(names):
    for name in names or BENCHMARKS:
        importlib.import_module(f"tests.bench.bench_{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
