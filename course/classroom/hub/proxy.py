"""Run the Python port of configurable-http-proxy in front of the hub and all servers, so that Node is not needed.

By default the port makes ten requests at a time and gives up on each after 20 seconds. A class that starts together
needs more, and autograding takes longer. It also records the last activity in local time, which JupyterHub reads as
UTC: east of Greenwich, idle servers would keep running for hours.
"""

from __future__ import annotations

from typing import Final

AT_ONCE: Final = 1000
LARGEST: Final = 512 * 2**20
PATIENCE_MS: Final = 60 * 60 * 1000


def main() -> None:
    """Run the proxy with the arguments that JupyterHub gives."""
    import os
    import sys
    import time

    from configurable_http_proxy.cli import main as run  # type: ignore[import-untyped]
    from tornado.httpclient import AsyncHTTPClient

    os.environ["TZ"] = "UTC"
    time.tzset()
    AsyncHTTPClient.configure(None, max_clients=AT_ONCE, max_body_size=LARGEST, max_buffer_size=LARGEST)
    run(args=[*sys.argv[1:], "--proxy-timeout", str(PATIENCE_MS)])


if __name__ == "__main__":
    main()
