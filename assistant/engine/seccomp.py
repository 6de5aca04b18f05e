"""Linux's seccomp: system calls that a model never needs answer "not permitted" from now on.

A list of what is refused, not of what is allowed: the libraries' needs change, and Landlock holds the files. Refused
are sockets, programs, processes, signals to others, looking into others, ways around Landlock (handles, ``io_uring``,
mounts) and what Landlock leaves open (modes, owners, times and attributes of files).
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

from assistant.engine.landlock import forbid_new_privileges

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column in the lists below, and the kernel's number of the architecture."""
_SECCOMP = (317, 277)
_REFUSED = (
    # programs and processes
    "execve 59 221, execveat 322 281, fork 57 -, vfork 58 -, "
    # others: signals, memory, descriptors
    "tkill 200 130, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, ptrace 101 117, "
    "pidfd_send_signal 424 424, pidfd_open 434 434, pidfd_getfd 438 438, kcmp 312 272, "
    "process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440, "
    "process_mrelease 448 448, move_pages 279 239, migrate_pages 256 238, "
    # ways around
    "io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427, name_to_handle_at 303 264, "
    "open_by_handle_at 304 265, fanotify_init 300 262, mount 165 40, umount2 166 39, pivot_root 155 41, "
    "chroot 161 51, unshare 272 97, setns 308 268, open_tree 428 428, move_mount 429 429, fsopen 430 430, "
    "fsconfig 431 431, fsmount 432 432, fspick 433 433, mount_setattr 442 442, "
    # the machine
    "bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, syslog 103 116, init_module 175 105, "
    "finit_module 313 273, delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294, "
    "reboot 169 142, swapon 167 224, swapoff 168 225, acct 163 89, quotactl 179 60, iopl 172 -, "
    "ioperm 173 -, settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266, adjtimex 159 171, "
    "sethostname 170 161, setdomainname 171 162, add_key 248 217, request_key 249 218, keyctl 250 219, "
    # what can be done to a file without opening it
    "chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -, "
    "fchownat 260 54, setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, setxattrat 463 463, "
    "removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16, removexattrat 466 466, utime 132 -, "
    "utimes 235 -, futimesat 261 -, utimensat 280 88, file_setattr 469 469, "
    # queues to others
    "msgget 68 186, semget 64 190, mq_open 240 180, mq_unlink 241 181"
)
"""Name, number on x86_64, number on aarch64."""
_REFUSED_WITHOUT_GPU = "socket 41 198, socketpair 53 199, shmget 29 194, shmat 30 196"
_SOCKET, _CLONE, _KILL, _TGKILL, _PRLIMIT, _CLONE3 = (41, 198), (56, 220), (62, 129), (234, 131), (302, 261), 435

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENT_AT = 0, 4, 16
_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000
_SET_FILTER, _ALL_THREADS = 1, 1
_AF_UNIX, _AF_NETLINK = 1, 16

Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict(*, gpu: bool) -> bool:
    """Refuse the calls from now on, in every thread; says whether the kernel agreed.

    With ``gpu`` drivers may speak to their services over unix and netlink sockets, and share memory.
    """
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in _ARCHITECTURES or sys.maxsize < 1 << 32:
        return False
    column, architecture = _ARCHITECTURES[machine]
    instructions = _filter(column, architecture, os.getpid(), gpu=gpu)
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    program = _Program(len(instructions), code)
    forbid_new_privileges()
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    arguments = (ctypes.c_long(_SET_FILTER), ctypes.c_long(_ALL_THREADS), ctypes.byref(program))
    return int(syscall(ctypes.c_long(_SECCOMP[column]), *arguments)) == 0


def _filter(column: int, architecture: int, pid: int, *, gpu: bool) -> list[Instruction]:
    """Return the whole program; each part falls through when it has nothing to say."""
    code: list[Instruction] = [
        *[(_LOAD, 0, 0, _ARCHITECTURE_AT), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _EPERM)],
        (_LOAD, 0, 0, _NUMBER_AT),
        *[(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _EPERM)],
        # clone3 hides its flags in memory; told that it does not exist, the C library takes clone
        *[(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ENOSYS)],
    ]
    for number in _numbers(_REFUSED if gpu else f"{_REFUSED}, {_REFUSED_WITHOUT_GPU}", column):
        code += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _EPERM)]
    code += _unless(_CLONE[column], 0, [(_ANY_BIT, 1, 0, _CLONE_THREAD)])
    code += _unless(_KILL[column], 0, [(_EQUAL, 1, 0, pid)])
    code += _unless(_TGKILL[column], 0, [(_EQUAL, 1, 0, pid)])
    code += _unless(_PRLIMIT[column], 0, [(_EQUAL, 2, 0, 0), (_EQUAL, 1, 0, pid)])
    if gpu:
        code += _unless(_SOCKET[column], 0, [(_EQUAL, 2, 0, _AF_UNIX), (_EQUAL, 1, 0, _AF_NETLINK)])
    return [*code, (_RETURN, 0, 0, _ALLOW)]


def _numbers(calls: str, column: int) -> list[int]:
    numbers = [call.split()[1 + column] for call in calls.split(",")]
    return [int(number) for number in numbers if number != "-"]


def _unless(number: int, argument: int, tests: list[Instruction]) -> list[Instruction]:
    """Refuse call ``number`` unless one of ``tests`` on its argument jumps over the refusal."""
    body = [(_LOAD, 0, 0, _ARGUMENT_AT + 8 * argument), *tests, (_RETURN, 0, 0, _EPERM), (_RETURN, 0, 0, _ALLOW)]
    return [(_EQUAL, 0, len(body), number), *body]
