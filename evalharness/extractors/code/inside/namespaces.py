"""A sandbox out of Linux namespaces alone, for machines without a tool that builds one.

As root the namespaces are made with root's rights, which the warden gives up; anybody else gets
them through a user namespace. Numbers are those of linux/sched.h and linux/mount.h.
"""

from __future__ import annotations

import ctypes
import os
import struct

from evalharness.extractors.code.inside import walls

_NEW_MOUNTS, _NEW_HOSTNAME, _NEW_IPC = 0x00020000, 0x04000000, 0x08000000
_NEW_USER, _NEW_PIDS, _NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_EXECUTION = 1, 2, 4, 8
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 32, 4096, 16384, 1 << 18
_DETACH = 2
_MOUNT_SETATTR = {"x86_64": 442, "aarch64": 442}
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_HERE, _EVERYTHING_BELOW = -100, 0x8000

_BASE = "/tmp"
_HOST = "/.host"


def enter(view: dict[str, list[str]], disk_bytes: int) -> None:
    """Return in a new process that is the first of new namespaces and sees only `view`.

    `view` is what `Runtime.as_view` gives. The process that called waits for the new one and ends
    with it. Raises OSError where the kernel does not allow it.
    """
    flags = _NEW_MOUNTS | _NEW_HOSTNAME | _NEW_IPC | _NEW_PIDS | _NEW_NETWORK
    user, group = os.geteuid(), os.getegid()
    walls.die_with_parent()
    walls.checked(walls.LIBC.unshare(flags | (_NEW_USER if user else 0)), "namespaces")
    if user:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/gid_map", f"65534 {group} 1")
        _write("/proc/self/uid_map", f"65534 {user} 1")
    first = os.fork()
    if first:
        os.closerange(0, 3)
        _, status = os.waitpid(first, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    walls.die_with_parent()
    walls.checked(walls.LIBC.sethostname(b"sandbox", 7), "hostname")
    _build(view, disk_bytes)


def _build(view: dict[str, list[str]], disk_bytes: int) -> None:
    """Put a new root of its own in the place of the machine's, which is let go of."""
    _mount("none", "/", "", _RECURSIVE | _PRIVATE)
    _mount("tmpfs", _BASE, "tmpfs", _NO_SETUID | _NO_DEVICES, "size=1m,mode=755")
    os.mkdir(_BASE + _HOST)
    old = (_BASE + _HOST).encode()
    _call(_PIVOT_ROOT, "new root", _BASE.encode(), old)
    os.chdir("/")
    for path in view["files"]:
        _show(path)
    for path in view["hidden"]:
        if os.path.isdir(path):
            _mount("tmpfs", path, "tmpfs", _READ_ONLY | _NO_SETUID | _NO_DEVICES, "size=4k")
    for link, target in zip(view["links"], view["targets"], strict=True):
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(target, link)
    for path in view["devices"]:
        _show(path, devices=True)
    os.mkdir("/proc")
    _mount("proc", "/proc", "proc", _NO_SETUID | _NO_DEVICES | _NO_EXECUTION)
    os.makedirs(_BASE, exist_ok=True)
    private = f"size={disk_bytes},mode=1777"
    _mount("tmpfs", _BASE, "tmpfs", _NO_SETUID | _NO_DEVICES, private)
    walls.checked(walls.LIBC.umount2(_HOST.encode(), _DETACH), "the machine's root")
    os.rmdir(_HOST)
    _mount("none", "/", "", _REMOUNT | _BIND | _READ_ONLY | _NO_SETUID | _NO_DEVICES)
    os.chdir(_BASE)


def _show(path: str, *, devices: bool = False) -> None:
    """Make a file or folder of the machine visible at the same place, for reading only."""
    source = _HOST + path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.isdir(source):
        os.makedirs(path, exist_ok=True)
    else:
        _write(path, "")
    _mount(source, path, "", _BIND | _RECURSIVE)
    attributes = _NO_SETUID | (_NO_EXECUTION if devices else _READ_ONLY | _NO_DEVICES)
    # struct mount_attr: set, clear, propagation, user namespace; other attributes stay
    wanted = struct.pack("=QQQQ", attributes, 0, 0, 0)
    _call(_MOUNT_SETATTR, path, _HERE, path.encode(), _EVERYTHING_BELOW, wanted, len(wanted))


def _mount(source: str, place: str, kind: str, flags: int, options: str = "") -> None:
    result = walls.LIBC.mount(
        source.encode(),
        place.encode(),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    walls.checked(result, f"mount at {place}")


def _call(numbers: dict[str, int], what: str, *arguments: int | bytes) -> None:
    walls.checked(walls.LIBC.syscall(numbers[os.uname().machine], *arguments), what)


def _write(path: str, words: str) -> None:
    with open(path, "w") as file:
        file.write(words)
