"""Linux's Landlock by its three system calls: from now on this process opens only what it was told it may.

See ``landlock(7)``; the numbers are from ``linux/landlock.h``, the same for every processor.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_QUERY = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL_DEV = 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
_FILE_RIGHTS_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK = 0b11  # bind and connect over TCP, since version 4
_SCOPES = 0b11  # abstract unix sockets and signals, since version 6
_ALL_THREADS = 1 << 3  # since version 8


def version() -> int:
    """Return the version of Landlock the kernel has, 0 where it has none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _call(_CREATE_RULESET, None, 0, _VERSION_QUERY))


def restrict(readable: Sequence[Path], writable: Sequence[Path], *, is_local: bool) -> bool:
    """Allow from now on to open only ``readable`` and ``writable`` (read, write, device calls) files and folders.

    ``is_local``: also no TCP, no abstract sockets and no signals to anyone outside. What is not there is skipped.
    Says whether that holds for the whole process: before version 8 threads that exist already keep their rights.
    """
    known = version()
    rules = _ruleset(known, is_local=is_local) if known else -1
    if rules < 0:
        return False
    try:
        handled = _file_rights(known)
        for path in readable:
            _allow(rules, path, handled & (_READ_FILE | _READ_DIR))
        for path in writable:
            _allow(rules, path, handled & (_READ_FILE | _READ_DIR | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV))
        forbid_new_privileges()
        if known >= 8 and _call(_RESTRICT_SELF, rules, _ALL_THREADS) == 0:
            return True
        is_alone = len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - while it can still be listed
        return _call(_RESTRICT_SELF, rules, 0) == 0 and is_alone
    finally:
        os.close(rules)


def forbid_new_privileges() -> None:
    """Give up for ever what set-user-id programs could grant; both Landlock and seccomp demand it first."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _file_rights(known: int) -> int:
    return _FILE_RIGHTS_BY_VERSION[min(known, 5)]


def _ruleset(known: int, *, is_local: bool) -> int:
    fields = [_file_rights(known)]
    if known >= 4:
        fields.append(_NETWORK if is_local else 0)
    if known >= 6:
        fields.append(_SCOPES if is_local else 0)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    return _call(_CREATE_RULESET, attributes, len(attributes), 0)


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= ~_READ_DIR
        _call(_ADD_RULE, rules, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call; −1 when it failed."""
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    whole = [ctypes.c_long(value) if isinstance(value, int) else ctypes.c_char_p(value) for value in arguments]
    return int(syscall(ctypes.c_long(number), *whole))
