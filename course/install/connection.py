"""Jupyter's WebSocket connection to the browser, without Nagle's delay.

A kernel answers a click with several small messages. By default the operating system holds each back until the previous
one is acknowledged (Nagle's algorithm), which browsers do only after some 40 ms. ``course lab`` therefore configures
JupyterLab to use this class; see ``share/jupyter/jupyter_server_config.json``.
"""

from __future__ import annotations

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's own connection between a browser and a kernel, but one that sends every message immediately."""

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]
        """Set TCP_NODELAY and connect."""
        self.websocket_handler.set_nodelay(True)
        connected: asyncio.Future[None] | None = super().connect()
        return connected
