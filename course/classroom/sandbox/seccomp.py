"""Seccomp: which system calls a process may still make, for itself and everything it starts.

The filter names what a notebook never needs and an attack does, in the groups of systemd's ``SystemCallFilter``; all
else is allowed, because pandas, V8 and the next C library make calls nobody can list today. libseccomp makes the filter
(through ``pyseccomp``), so it is right on every kind of machine, foreign calling conventions included.
"""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from functools import cache
from importlib import import_module
from typing import Any, Final

from course.classroom.sandbox import linux

_REFUSED: Final = {
    "looking into other processes, and acting on them": """
        ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_open pidfd_getfd
        pidfd_send_signal move_pages migrate_pages perf_event_open rt_sigqueueinfo rt_tgsigqueueinfo""",
    "leaving a barrier": """
        unshare setns mount umount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick
        mount_setattr open_by_handle_at name_to_handle_at quotactl quotactl_fd""",
    "the kernel and the machine": """
        bpf kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct sethostname
        setdomainname settimeofday clock_settime clock_settime64 clock_adjtime clock_adjtime64 adjtimex syslog iopl
        ioperm modify_ldt lookup_dcookie personality vhangup nfsservctl fanotify_init userfaultfd""",
    "what outlives a process, and memory that no limit counts": """
        keyctl add_key request_key shmget shmat shmctl semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
        mq_open mq_unlink memfd_create memfd_secret mlock mlock2 mlockall""",
    "system calls that a filter does not see": "io_uring_setup io_uring_enter io_uring_register",
    "the network": "connect sendmmsg",
    "other users": "setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset",
}
# Where files and processes of others are not hidden: what is said about a file, which Landlock leaves to its owner, and
# the priority of a process.
_OF_OTHERS: Final = """
    chown fchown fchownat lchown setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr
    removexattrat file_setattr inotify_add_watch"""
# The same, but set as a matter of course by what copies files or starts threads, which is told that it was done.
_PRETENDED: Final = """
    chmod fchmod fchmodat fchmodat2 utime utimes futimesat utimensat
    setpriority ioprio_set sched_setaffinity sched_setattr sched_setparam sched_setscheduler"""
_CLONE_NEW: Final = 0x7E02_0000
_CLONE_THREAD: Final = 0x0001_0000
_PR_SET_PDEATHSIG: Final = 1
_TIOCSTI: Final = 0x5412
_TIOCLINUX: Final = 0x541C


def missing() -> str:
    """Return why there is no filter on this machine; empty if there is one."""
    try:
        load_library()
    except ImportError:
        return "the package pyseccomp is not installed"
    except RuntimeError:
        return "the library libseccomp is not installed (Debian, Ubuntu: apt install libseccomp2)"
    return ""


def load_library() -> Any:
    """Load libseccomp. The first time another program is run to find it, so it comes before a child is forked."""
    return import_module("pyseccomp")


@cache
def prepare(*, alone: bool, listening: bool) -> bytes:
    """Make the program that `restrict` gives to the kernel. Done before a child is forked, it is made once for all.

    Parameters
    ----------
    alone : bool
        Whether to refuse new processes, and changes to what is said about a file: for where no namespaces end and hide
        them.
    listening : bool
        Whether to allow listening on Unix sockets, as a Jupyter kernel does. Connecting to one is still refused.
    """
    pyseccomp = load_library()
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)

    def refuse(name: str, *conditions: Any, error: int = errno.EPERM) -> None:
        # A name that is unknown on this machine, or to its library, is negative.
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:
            rules.add_rule(pyseccomp.ERRNO(error), name, *conditions)

    def argument(number: int, comparison: int, *values: int) -> Any:
        return pyseccomp.Arg(number, comparison, *values)

    for name in " ".join(_REFUSED.values()).split():
        refuse(name)
    # Its flags lie in memory, out of a filter's sight. The C library falls back on clone.
    refuse("clone3", error=errno.ENOSYS)
    for flag in (1 << bit for bit in range(32) if _CLONE_NEW >> bit & 1):
        refuse("clone", argument(0, pyseccomp.MASKED_EQ, flag, flag))
    # A file that is written is counted, one that is only given room is not. numpy goes on without.
    refuse("fallocate", error=errno.EOPNOTSUPP)
    refuse("prctl", argument(0, pyseccomp.EQ, _PR_SET_PDEATHSIG))
    for request in (_TIOCSTI, _TIOCLINUX):
        refuse("ioctl", argument(1, pyseccomp.MASKED_EQ, 0xFFFF_FFFF, request))
    refuse("socketpair", argument(0, pyseccomp.NE, socket.AF_UNIX))
    if listening:
        # ZeroMQ looks for a network at its start. Of all errors it takes this one for an answer.
        refuse("socket", argument(0, pyseccomp.NE, socket.AF_UNIX), error=errno.EOPNOTSUPP)
        # A stream socket sends nothing to an address it is not connected to; the other kinds would.
        refuse("socket", argument(1, pyseccomp.MASKED_EQ, 0xF, socket.SOCK_DGRAM))
        refuse("socket", argument(1, pyseccomp.MASKED_EQ, 0xF, socket.SOCK_SEQPACKET))
    else:
        refuse("socket")
    if alone:
        refuse("clone", argument(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0))
        refuse("fork")
        refuse("vfork")
        refuse("tkill")
        # 0 is this process.
        refuse("prlimit64", argument(0, pyseccomp.NE, 0))
        for name in _PRETENDED.split():
            refuse(name, error=0)
        for name in _OF_OTHERS.split():
            refuse(name, error=errno.EOPNOTSUPP)
    with tempfile.TemporaryFile() as program:
        rules.export_bpf(program)
        program.seek(0)
        return program.read()


def restrict(*, alone: bool, listening: bool) -> None:
    """Refuse what a notebook has no use for, from now on. For the parameters see `prepare`.

    Raises
    ------
    OSError
        If the kernel does not do it.
    """
    program = prepare(alone=alone, listening=listening)
    if alone:
        pyseccomp = load_library()
        rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        # It is the only process of its own that it can signal.
        for name in ("kill", "tgkill"):
            rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name, pyseccomp.Arg(0, pyseccomp.NE, os.getpid()))
        rules.load()
    linux.filter_system_calls(program)
