"""Limits that the kernel enforces on a child process, and its memory as seen by the parent."""

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Final

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000  # linux/sched.h: CLONE_NEWNET, CLONE_NEWUSER
_DIE_WITH_PARENT: Final = 1  # linux/prctl.h: PR_SET_PDEATHSIG


def fence() -> bool:
    """Cut this process off from the network; True if the kernel allowed it (Linux: unshare(2))."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    # An ordinary user needs a new user namespace as well; a container may allow neither.
    return not libc.unshare(_NEW_NETWORK) or not libc.unshare(_NEW_NETWORK | _NEW_USER)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies, for whatever reason."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() == 1:  # the parent died before the call
            os._exit(0)


def limit_memory(limit: int) -> None:
    """Limit this process to `limit` bytes of memory beyond what it has now.

    Past the limit the engine aborts (SIGABRT), which only another process can tell from a defect.
    """
    if not sys.platform.startswith("linux"):
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages = int(Path("/proc/self/statm").read_text().split()[5])  # data and stack
    most = pages * resource.getpagesize() + limit
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def ran_out_of_memory(code: int) -> bool:
    """True if a child's exit code is that of its memory limit, or of the system's."""
    return code in (-signal.SIGABRT, -getattr(signal, "SIGKILL", signal.SIGTERM))


def memory_of(statm: str | bytes) -> int:
    """Return the resident memory of a process in bytes, from its /proc/PID/statm."""
    return int(statm.split()[1]) * os.sysconf("SC_PAGESIZE")
