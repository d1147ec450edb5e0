"""seccomp: restrict which system calls a process, and everything it starts, may make.

The filter denies what a notebook never needs and an attack does, in the groups of systemd's ``SystemCallFilter``.
Everything else is allowed, because nobody can list what pandas, V8 and the next C library call. libseccomp (through
``pyseccomp``) generates the filter, so it is right on every architecture and for every calling convention.
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
    "inspecting and controlling other processes": """
        ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_open pidfd_getfd
        pidfd_send_signal move_pages migrate_pages perf_event_open rt_sigqueueinfo rt_tgsigqueueinfo""",
    "leaving a barrier": """
        unshare setns mount umount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick
        mount_setattr open_by_handle_at name_to_handle_at quotactl quotactl_fd""",
    "the kernel and the machine": """
        bpf kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct sethostname
        setdomainname settimeofday clock_settime clock_settime64 clock_adjtime clock_adjtime64 adjtimex syslog iopl
        ioperm modify_ldt lookup_dcookie personality vhangup nfsservctl fanotify_init userfaultfd""",
    "objects that outlive a process, and memory that no limit counts": """
        keyctl add_key request_key shmget shmat shmctl semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
        mq_open mq_unlink memfd_create memfd_secret mlock mlock2 mlockall""",
    "system calls that bypass a filter": "io_uring_setup io_uring_enter io_uring_register",
    "the network": "connect sendmmsg",
    "other users": "setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset",
}
# Denied without namespaces, where other people's files and processes are not hidden: changes to a file's metadata,
# which Landlock does not restrict.
_METADATA: Final = """
    chown fchown fchownat lchown setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr
    removexattrat file_setattr inotify_add_watch"""
# The same, and the priority of processes, but set routinely by code that copies files or starts threads: these calls do
# nothing and report success.
_IGNORED: Final = """
    chmod fchmod fchmodat fchmodat2 utime utimes futimesat utimensat
    setpriority ioprio_set sched_setaffinity sched_setattr sched_setparam sched_setscheduler"""
_CLONE_NEW: Final = 0x7E02_0000
_CLONE_THREAD: Final = 0x0001_0000
_PR_SET_PDEATHSIG: Final = 1
_TIOCSTI: Final = 0x5412
_TIOCLINUX: Final = 0x541C


def missing() -> str:
    """Return why this machine cannot have a filter; empty if it can."""
    try:
        load_library()
    except ImportError:
        return "the package pyseccomp is not installed"
    except RuntimeError:
        return "the library libseccomp is not installed (Debian, Ubuntu: apt install libseccomp2)"
    return ""


def load_library() -> Any:
    """Load libseccomp. Call it before forking: the first time, it runs another program to find the library."""
    return import_module("pyseccomp")


@cache
def prepare(*, alone: bool, listening: bool) -> bytes:
    """Return the BPF program that `restrict` installs. Call it before forking, so that all children share one.

    Parameters
    ----------
    alone : bool
        Whether to refuse new processes and changes to a file's metadata: for a child that no namespace isolates.
    listening : bool
        Whether to allow listening on Unix sockets, as a Jupyter kernel does. Connecting to one is still refused.
    """
    pyseccomp = load_library()
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)

    def refuse(name: str, *conditions: Any, error: int = errno.EPERM) -> None:
        # Negative: this architecture, or this version of the library, does not have the system call.
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:
            rules.add_rule(pyseccomp.ERRNO(error), name, *conditions)

    def argument(number: int, comparison: int, *values: int) -> Any:
        return pyseccomp.Arg(number, comparison, *values)

    for name in " ".join(_REFUSED.values()).split():
        refuse(name)
    # Its flags are in memory, where a filter cannot see them. The C library falls back on clone.
    refuse("clone3", error=errno.ENOSYS)
    for flag in (1 << bit for bit in range(32) if _CLONE_NEW >> bit & 1):
        refuse("clone", argument(0, pyseccomp.MASKED_EQ, flag, flag))
    # RLIMIT_FSIZE does not count space that is only allocated. numpy does without.
    refuse("fallocate", error=errno.EOPNOTSUPP)
    refuse("prctl", argument(0, pyseccomp.EQ, _PR_SET_PDEATHSIG))
    for request in (_TIOCSTI, _TIOCLINUX):
        refuse("ioctl", argument(1, pyseccomp.MASKED_EQ, 0xFFFF_FFFF, request))
    refuse("socketpair", argument(0, pyseccomp.NE, socket.AF_UNIX))
    if listening:
        # ZeroMQ probes for network support when it starts, and accepts only this error.
        refuse("socket", argument(0, pyseccomp.NE, socket.AF_UNIX), error=errno.EOPNOTSUPP)
        # Unlike a stream socket, these can send to an address without connect.
        refuse("socket", argument(1, pyseccomp.MASKED_EQ, 0xF, socket.SOCK_DGRAM))
        refuse("socket", argument(1, pyseccomp.MASKED_EQ, 0xF, socket.SOCK_SEQPACKET))
    else:
        refuse("socket")
    if alone:
        refuse("clone", argument(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0))
        refuse("fork")
        refuse("vfork")
        refuse("tkill")
        # Process ID 0 is the caller itself.
        refuse("prlimit64", argument(0, pyseccomp.NE, 0))
        for name in _IGNORED.split():
            refuse(name, error=0)
        for name in _METADATA.split():
            refuse(name, error=errno.EOPNOTSUPP)
    with tempfile.TemporaryFile() as program:
        rules.export_bpf(program)
        program.seek(0)
        return program.read()


def restrict(*, alone: bool, listening: bool) -> None:
    """Install the filter on this process. For the parameters see `prepare`.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    program = prepare(alone=alone, listening=listening)
    if alone:
        pyseccomp = load_library()
        rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        # It is its only process, so it has no other to signal.
        for name in ("kill", "tgkill"):
            rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name, pyseccomp.Arg(0, pyseccomp.NE, os.getpid()))
        rules.load()
    linux.filter_system_calls(program)
