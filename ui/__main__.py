"""The program's entry: a window without arguments, the terminal with them. Imports nothing of Qt by itself."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run Inkstone with ``arguments`` (``sys.argv`` without the program unless given); returns the exit code.

    Without a display the window cannot open: a sentence says so, with what can be done, and 2 is returned.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if words:
        from assistant.cli import main as run_command

        return run_command(words)
    from ui.display import display_problem

    problem = display_problem()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    from ui.app import run

    return run(sys.argv[:1])


if __name__ == "__main__":
    sys.exit(main())
