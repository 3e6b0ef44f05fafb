"""The walls of one process: no privileges, no way to more of them, limits, forbidden calls."""

from __future__ import annotations

import ctypes
import os
import resource
import struct

LIBC = ctypes.CDLL(None, use_errno=True)

_SET_DEATH_SIGNAL, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVILEGES = 1, 4, 22, 38
_SECCOMP_FILTER = 2
_CAPABILITIES_VERSION_3 = 0x20080522
_OVERFLOW_ID = 65534  # the id that a user namespace always knows: nobody

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _GIVE = 0x20, 0x15, 0x35, 0x45, 0x06
_EPERM, _ENOSYS = 1, 38
_NEW_NAMESPACE = 0x7E020000
"""CLONE_NEWUSER, NEWNS, NEWPID, NEWNET, NEWIPC, NEWUTS and NEWCGROUP together."""

_X86_64, _AARCH64 = 0xC000003E, 0xC00000B7
_COLUMNS = {"x86_64": (_X86_64, 0), "aarch64": (_AARCH64, 1)}
_CLONE = (56, 220)
_CLONE3 = 435
_SET_LIMITS = (302, 261)
_FORBIDDEN = {
    # memory that no limit of a process or of a mount counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    # the network: there is none in here, and this is a second lock
    "socket": (41, 198),
    # other processes, and ways out
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # the warden is of the same user: nobody is to slow it down
    "setpriority": (141, 140),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "ioprio_set": (251, 30),
    # wide doors into the kernel that no program with tests needs
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "fanotify_init": (300, 262),
    "personality": (135, 92),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
}
"""System calls by their numbers on x86_64 and on aarch64."""


def knows_this_machine() -> bool:
    """Whether the numbers of the forbidden calls are known for this machine's processor."""
    return os.uname().machine in _COLUMNS


def checked(result: int, what: str) -> None:
    """Raise OSError if a call of the C library failed."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it ends."""
    checked(LIBC.prctl(_SET_DEATH_SIGNAL, 9, 0, 0, 0), "death signal")


def be_unreadable() -> None:
    """Let no other process of the same user look into this one's memory or open files."""
    checked(LIBC.prctl(_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")


def drop_privileges(user: int) -> None:
    """Give up root (for `user`, or nobody where that id is not known) and every capability."""
    if os.geteuid() == 0:
        os.setgroups([])
        for each in (user, _OVERFLOW_ID):
            try:
                os.setresgid(each, each, each)
                os.setresuid(each, each, each)
                break
            except OSError:
                if each == _OVERFLOW_ID:
                    raise
    header = struct.pack("=Ii", _CAPABILITIES_VERSION_3, 0)
    checked(LIBC.capset(header, bytes(24)), "capabilities")
    checked(LIBC.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no new privileges")
    if os.geteuid() == 0:
        raise PermissionError("still root after giving it up")


def limit(limits: dict[str, int]) -> None:
    """The kernel's limits on each process; the warden watches what they use together."""
    for kind, most in (
        (resource.RLIMIT_AS, 2 * limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_s"] + 1),
        (resource.RLIMIT_FSIZE, limits["disk_bytes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_STACK, 2**23),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))


def forbid_calls() -> None:
    """Have the kernel refuse the calls that a program with tests does not need."""
    architecture, column = _COLUMNS[os.uname().machine]
    program = _filter(architecture, column)
    code = ctypes.create_string_buffer(b"".join(program))
    # struct sock_fprog: how many instructions, then (aligned) where they are
    head = struct.pack("=H6xQ", len(program), ctypes.addressof(code))
    checked(LIBC.prctl(_SET_SECCOMP, _SECCOMP_FILTER, ctypes.c_char_p(head), 0, 0), "seccomp")


def _filter(architecture: int, column: int) -> list[bytes]:
    """Instructions over (number, architecture, …, arguments), as linux/filter.h has them."""
    rows = [
        _step(_LOAD, 4),
        _step(_EQUAL, architecture, 1, 0),
        _step(_GIVE, _KILL),
        _step(_LOAD, 0),
    ]
    if architecture == _X86_64:  # its second table of calls begins there
        rows += [_step(_AT_LEAST, 0x40000000, 0, 1), _step(_GIVE, _KILL)]
    for numbers in _FORBIDDEN.values():
        rows += [_step(_EQUAL, numbers[column], 0, 1), _step(_GIVE, _ERRNO | _EPERM)]
    # its flags are out of a filter's sight; without it the C library uses clone
    rows += [_step(_EQUAL, _CLONE3, 0, 1), _step(_GIVE, _ERRNO | _ENOSYS)]
    # its own limits a process may lower, never another's
    rows += [
        _step(_EQUAL, _SET_LIMITS[column], 0, 3),
        _step(_LOAD, 16),
        _step(_EQUAL, 0, 1, 0),
        _step(_GIVE, _ERRNO | _EPERM),
        _step(_LOAD, 0),
    ]
    rows += [
        _step(_EQUAL, _CLONE[column], 0, 3),
        _step(_LOAD, 16),
        _step(_ANY_BIT, _NEW_NAMESPACE, 0, 1),
        _step(_GIVE, _ERRNO | _EPERM),
        _step(_GIVE, _ALLOW),
    ]
    return rows


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
