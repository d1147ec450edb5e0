"""Start the proxy that stands before the hub and all servers, in its Python port, so that nobody needs Node.

As it comes, the port asks for ten pages at a time and gives up on each after 20 seconds. A class that starts together
keeps more open than that, and autograding takes longer. It also notes in local time when a server was last used, and
JupyterHub reads that as UTC: east of Greenwich, idle servers would run on for hours.
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
