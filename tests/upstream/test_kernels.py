"""nbclient, jupyter_client, ipykernel and IPython: what our kernels put in the place of theirs."""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
from pathlib import Path

import ipykernel.zmqshell
from ipykernel.compiler import XCachingCompiler
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelbase import Kernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.client import KernelClient
from jupyter_client.connect import ConnectionFileMixin, LocalPortCache
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_client.session import Session
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.sessions.sessionmanager import SessionManager
from nbclient.client import NotebookClient
from nbconvert.preprocessors import ExecutePreprocessor

from tests.upstream import member, parameters, require, source


def test_nbclient_watches_a_kernel_in_a_method_of_its_own() -> None:
    require(
        inspect.iscoroutinefunction(member(NotebookClient, "_async_poll_kernel_alive")),
        "K1",
        "NotebookClient has the coroutine _async_poll_kernel_alive",
    )
    steps = source(NotebookClient.async_execute_cell)
    require(
        "self._async_poll_kernel_alive()" in steps and "self.task_poll_for_reply = " in steps,
        "K1",
        "nbclient runs _async_poll_kernel_alive beside each cell and waits for task_poll_for_reply",
    )
    require(
        "except asyncio.CancelledError" in steps and "DeadKernelError" in steps,
        "K1",
        "nbclient says DeadKernelError when task_poll_for_reply is cancelled",
    )


def test_nbconvert_runs_cells_one_by_one_and_ends_with_widgets() -> None:
    steps = source(ExecutePreprocessor.preprocess)
    require(
        parameters(ExecutePreprocessor.preprocess) == ["self", "nb", "resources", "km"], "K2", "preprocess takes km"
    )
    require(
        "self.preprocess_cell(cell, resources, index)" in steps,
        "K2",
        "ExecutePreprocessor.preprocess hands each cell to preprocess_cell",
    )
    require(
        steps.find("self.preprocess_cell(") < steps.find("self.set_widgets_metadata()"),
        "K2",
        "ExecutePreprocessor.preprocess calls set_widgets_metadata after the last cell",
    )


def test_nbclient_asks_this_much_of_a_manager_and_a_client() -> None:
    steps = source(NotebookClient)
    for name in ("create_kernel_manager()", "km.has_kernel", "km.start_kernel(", "km.cleanup_resources()"):
        require(name in steps, "K3", f"nbclient calls {name} for a kernel's beginning and end")
    for name in ("start_channels()", "wait_for_ready(", "stop_channels()", "kc.is_alive()"):
        require(name in steps, "K3", f"nbclient calls {name} on its client")
    require(
        "shell_channel.get_msg(timeout=" in steps and "iopub_channel.get_msg(timeout=" in steps,
        "K3",
        "nbclient takes messages with get_msg(timeout) from the client's two channels",
    )


def test_a_client_keeps_its_channels_in_these_attributes() -> None:
    for name in ("shell", "iopub"):
        require(
            f"self._{name}_channel is None" in source(member(KernelClient, f"{name}_channel").fget),
            "K3",
            f"a client makes {name}_channel only if _{name}_channel is not set",
        )


def test_a_manager_makes_its_session_and_command_in_these_methods() -> None:
    require("_session_default" in vars(ConnectionFileMixin), "K3", "a manager makes its session in _session_default")
    require(
        parameters(KernelManager.format_kernel_cmd) == ["self", "extra_arguments"],
        "K3",
        "a kernel's command comes from KernelManager.format_kernel_cmd(extra_arguments)",
    )
    for name in ("interrupt_kernel", "shutdown_kernel", "cleanup_resources", "is_alive", "client"):
        require(hasattr(AsyncKernelManager, name), "K3", f"AsyncKernelManager has {name}")


def test_a_session_sends_with_these_parameters() -> None:
    require(
        parameters(Session.send)
        == ["self", "stream", "msg_or_type", "content", "parent", "ident", "buffers", "track", "header", "metadata"],
        "K4",
        "ipykernel sends messages with Session.send(stream, msg_or_type, content, parent, ident, buffers, …)",
    )
    message = Session(key=b"unsigned").msg("status", {})
    require(
        {"header", "msg_id", "msg_type", "parent_header", "content", "metadata"} <= message.keys(),
        "K4",
        "a message has header, msg_id, msg_type, parent_header, content and metadata",
    )


def test_a_kernel_is_built_from_these_parts() -> None:
    for name in ("shell_stream", "control_stream", "iopub_socket", "shell_channel_thread", "_execute_sleep"):
        require(hasattr(Kernel, name), "K5", f"ipykernel's Kernel has {name}")
    require("_supports_kernel_subshells" in vars(Kernel), "K5", "Kernel has _supports_kernel_subshells")
    require(
        "compiler_class=self.compiler_class" in source(IPythonKernel.__init__),
        "K5",
        "ipykernel makes its shell with the kernel's compiler_class",
    )
    require(hasattr(IPythonKernel, "shell_class"), "K5", "ipykernel makes its shell from shell_class")
    require(
        "self.shell_channel_thread.parent_thread" in source(IPythonKernel.do_execute),
        "K5",
        "ipykernel asks shell_channel_thread.parent_thread whether it runs in the main thread",
    )


def test_a_request_is_handled_in_these_steps() -> None:
    require(
        parameters(member(Kernel, "_abort_queues")) == ["self", "subshell_id"],
        "K5",
        "ipykernel drops what waits after an error in _abort_queues(subshell_id)",
    )
    require(
        parameters(member(Kernel, "_publish_status"))[:3] == ["self", "status", "channel"],
        "K5",
        "ipykernel says busy and idle with _publish_status(status, channel)",
    )
    require(
        parameters(Kernel.set_parent)[:3] == ["self", "ident", "parent"]
        and parameters(Kernel.get_parent)[:2] == ["self", "channel"],
        "K5",
        "a kernel knows its request by set_parent(ident, parent) and get_parent(channel)",
    )
    require(
        "handler(stream, idents, msg)" in source(Kernel.dispatch_shell),
        "K5",
        "ipykernel calls shell_handlers[type](stream, idents, message)",
    )


def test_a_cell_is_transformed_twice() -> None:
    require(
        "shell.transform_cell(code)" in source(IPythonKernel.do_execute)
        and "self.transform_cell(raw_cell)" in source(InteractiveShell),
        "K6",
        "ipykernel transforms a cell and IPython transforms it again",
    )


def test_an_error_is_shown_and_then_stored() -> None:
    require(
        "self._format_exception_for_storage(" in source(InteractiveShell),
        "K6",
        "IPython keeps a cell's error for %notebook with _format_exception_for_storage",
    )
    require(
        "self._last_traceback = stb" in source(member(ZMQInteractiveShell, "_showtraceback")),
        "K6",
        "ipykernel keeps the lines of the error shown last in _last_traceback",
    )


def test_cells_are_named_after_a_folder_of_the_process() -> None:
    require(
        parameters(XCachingCompiler.get_code_name) == ["self", "raw_code", "code", "number"],
        "K6",
        "ipykernel names a cell's code with XCachingCompiler.get_code_name",
    )
    if "IPYKERNEL_CELL_NAME" not in os.environ:
        name = Path(XCachingCompiler().get_code_name("1", "1", 1))  # type: ignore[no-untyped-call]
        require(
            name.parent == Path(tempfile.gettempdir(), f"ipykernel_{os.getpid()}"),
            "K6",
            "ipykernel names a cell after the folder ipykernel_<process> in the temporary folder",
        )
    require(isinstance(inspect.modulesbyfile, dict), "K6", "inspect keeps files it has looked up in modulesbyfile")


def test_shell_commands_go_through_a_name_of_the_module() -> None:
    require(
        callable(vars(ipykernel.zmqshell).get("system"))
        and " system(self.var_expand(cmd" in source(ZMQInteractiveShell.system_piped),
        "K6",
        "ipykernel runs !command with the function system of its module zmqshell",
    )


def test_printed_text_is_collected_for_a_moment() -> None:
    require(OutStream.flush_interval == 0.2, "K6", "ipykernel collects printed text for 0.2 seconds")


def test_the_referee_s_names_and_errors_can_be_its_own() -> None:
    require(
        "self.user_module.__dict__" in source(member(InteractiveShell, "user_global_ns").fget),
        "K7",
        "IPython finds a cell's global names in user_module.__dict__",
    )
    require(
        "exec(code_obj, self.user_global_ns, self.user_ns)" in source(InteractiveShell.run_code),
        "K7",
        "IPython runs a cell with the names of user_global_ns and user_ns",
    )
    require(hasattr(InteractiveShell, "ast_transformers"), "K7", "IPython's shell has ast_transformers")
    require(
        parameters(ZMQInteractiveShell._showtraceback) == ["self", "etype", "evalue", "stb"],
        "K7",
        "ipykernel shows an error with _showtraceback(etype, evalue, stb)",
    )

    class Names(dict[str, object]):
        def __missing__(self, name: str) -> object:
            return 7 if name == "answer" else dict.__getitem__(self, name)

    names = Names()
    exec("inside = (lambda: answer)()\noutside = answer", names)
    require(names["inside"] == names["outside"] == 7, "K7", "Python asks a dict's subclass for global names")


def test_an_error_may_draw_its_own_traceback() -> None:
    require(
        "_render_traceback_()" in source(InteractiveShell.showtraceback),
        "K8",
        "IPython shows what an error's _render_traceback_ returns",
    )


def test_a_cell_can_be_replaced_and_tells_who_runs_it() -> None:
    require(
        parameters(ZMQInteractiveShell.set_next_input) == ["self", "text", "replace"],
        "K8",
        "set_next_input(text, replace) writes into the cell that runs",
    )
    require(hasattr(ZMQInteractiveShell, "get_parent"), "K8", "ipykernel's shell tells its request with get_parent")
    require("self.kc.allow_stdin = False" in source(NotebookClient), "K8", "nbclient says that nobody answers input()")


def test_jupyters_server_names_the_open_notebook() -> None:
    require('"JPY_SESSION_NAME"' in source(SessionManager), "K9", "Jupyter's server sets JPY_SESSION_NAME for a kernel")


def test_a_browsers_connection_to_a_kernel_can_be_another_class() -> None:
    require(
        hasattr(ServerApp, "kernel_websocket_connection_class"),
        "K9",
        "ServerApp.kernel_websocket_connection_class names the connection between browser and kernel",
    )
    require(
        parameters(ZMQChannelsWebsocketConnection.connect) == ["self"]
        and hasattr(ZMQChannelsWebsocketConnection, "websocket_handler"),
        "K9",
        "the connection has connect() and the handler websocket_handler, on which set_nodelay works",
    )


def test_ports_of_kernels_come_from_one_cache() -> None:
    require(
        parameters(LocalPortCache.find_available_port) == ["self", "ip"]
        and hasattr(LocalPortCache(), "currently_used_ports"),
        "K10",
        "LocalPortCache has find_available_port(ip) and currently_used_ports",
    )
    require(
        "LocalPortCache.instance()" in source(LocalProvisioner),
        "K10",
        "a kernel asks LocalPortCache.instance() for its ports",
    )
    require(
        hasattr(KernelManager, "transport_encryption"),
        "K10",
        "KernelManager.transport_encryption lets a kernel and its server speak in a cipher",
    )


def test_the_kernel_of_this_python_is_known_by_its_command() -> None:
    command = KernelSpecManager().get_kernel_spec("python3").argv
    require("ipykernel_launcher" in command, "K10", "the kernel python3 starts ipykernel_launcher")
    known = ("python", "python3", f"python3.{sys.version_info.minor}", sys.executable)
    require(command[0] in known, "K10", "the kernel python3 runs in this Python")
