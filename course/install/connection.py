"""The server's line to the browser, without a pause that every click would otherwise wait for.

A kernel answers a click with several small messages. By default the operating system holds each back until the one
before it is acknowledged (Nagle's algorithm), and browsers take some 40 ms to acknowledge. ``course lab`` therefore
asks JupyterLab, by its own setting, to use this class; see ``share/jupyter/jupyter_server_config.json``.
"""

from __future__ import annotations

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's own connection between a browser and a kernel, which sends every message at once."""

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]
        """Connect as Jupyter does, on a socket that does not wait to fill a packet."""
        self.websocket_handler.set_nodelay(True)
        connected: asyncio.Future[None] | None = super().connect()
        return connected
