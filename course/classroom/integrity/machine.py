"""The parts of a kernel that a cell and its result pass through, and the callbacks that run without being called."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from typing import Any, Final

SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2", "SIGINT", "SIGTERM",
    "SIGHUP", "SIGCHLD", "SIGIO", "SIGWINCH", "SIGURG", "SIGTRAP") if hasattr(signal, name)
)  # fmt: skip
"""Signals that arrive by themselves, or that another process may send."""


def machine(shell: Any) -> dict[str, Any]:
    """Return the parts of a kernel that a cell and its result pass through."""
    kernel = getattr(shell, "kernel", None)
    parts = {
        "the kernel": kernel,
        "the kernel’s session": getattr(kernel, "session", None),
        "IPython’s shell": shell,
        "IPython’s compiler": shell.compile,
        "IPython’s events": shell.events,
        "IPython’s history": shell.history_manager,
        "IPython’s input transformers": shell.input_transformer_manager,
        "IPython’s display hook": shell.displayhook,
        "IPython’s display publisher": shell.display_pub,
    }
    return {name: part for name, part in parts.items() if part is not None}


def listeners(shell: Any) -> dict[str, list[Any]]:
    """Return the callbacks that run without a cell calling them."""
    manager, kernel = shell.input_transformer_manager, getattr(shell, "kernel", None)
    return {
        "IPython’s AST transformers": list(shell.ast_transformers),
        "IPython’s input transformers": [
            *shell.input_transformers_post,
            *manager.cleanup_transforms,
            *manager.line_transforms,
            *manager.token_transformers,
        ],
        "IPython’s events": [callback for callbacks in shell.events.callbacks.values() for callback in callbacks],
        "the kernel’s handlers of messages": list(getattr(kernel, "shell_handlers", {}).values()),
        "sys.settrace": [sys.gettrace(), threading.gettrace()],
        "sys.setprofile": [sys.getprofile(), threading.getprofile()],
        "gc.callbacks": list(gc.callbacks),
        "the handlers of signals": [signal.getsignal(number) for number in SIGNALS],
        "the import system": [*sys.meta_path, *sys.path_hooks],
    }
