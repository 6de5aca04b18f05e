"""Tables of measured figures beside their bars."""

import statistics

MARKS = {True: "ok", False: "MISSED", None: ""}


class Table:
    """Collects rows and prints them; a bar is the most (or, ``at_least``, the least) a figure should be."""

    def __init__(self, title):
        print(f"\n{title}")

    def row(self, name, figure, unit="", bar=None, *, at_least=False):
        held = None if bar is None else figure >= bar if at_least else figure <= bar
        sign = "" if bar is None else f"{'≥' if at_least else '≤'} {bar:g}"
        print(f"  {name:<62} {figure:>9.2f} {unit:<5} {sign:>9} {MARKS[held]}", flush=True)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def median(values):
    return statistics.median(values)
