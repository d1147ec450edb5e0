"""Where each file of the checkout stands on the site, and links that are set right for it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")

KEPT: Final = "https://github.com"
BINDER: Final = "https://mybinder.org/v2/gh"


@dataclass(frozen=True)
class Places:
    """Where things stand.

    Parameters
    ----------
    pages : mapping of str to str
        Each file of the checkout that is on the site, with its place among the site's sources.
    repository : str
        ``owner/name``, or empty.
    live : bool
        Whether the site has JupyterLab for the browser alone.
    """

    pages: Mapping[str, str]
    repository: str = ""
    live: bool = False

    def relink(self, text: str, name: str) -> str:
        """Return the text of a file with every link set for the file's place on the site.

        A file that is not on the site is opened in the live JupyterLab if that has it, or else where the course's files
        are kept; where neither is known, the words stay without a link.
        """

        def link(match: re.Match[str]) -> str:
            words, target, anchor = match[1], match[2], match[3] or ""
            wanted = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            if wanted in self.pages:
                here = posixpath.dirname(self.pages[name])
                return f"[{words}]({posixpath.relpath(self.pages[wanted], here or '.')}{anchor})"
            address = self.live_at(wanted, self.pages[name]) or self.kept_at(wanted)
            return f'<a href="{escape(address)}">{words}</a>' if address else words

        return LINK.sub(link, text)

    def live_at(self, name: str, page: str) -> str:
        """Return where a notebook of the checkout opens live, seen from a page of the site; empty if nowhere."""
        if not self.live or not name.startswith(("notebooks/", "exercises/")):
            return ""
        up = "../" * (len(PurePosixPath(page).parts) - 1)
        return f"{up}lite/lab/index.html?path={quote(name)}"

    def kept_at(self, name: str) -> str:
        """Return where a file of the checkout is kept; empty without a repository."""
        return f"{KEPT}/{self.repository}/blob/HEAD/{quote(name)}" if self.repository else ""

    def binder_at(self, name: str) -> str:
        """Return the address at which Binder opens a notebook; empty without a repository."""
        opened = quote(f"lab/tree/{name}", safe="")
        return f"{BINDER}/{self.repository}/HEAD?urlpath={opened}" if self.repository else ""
