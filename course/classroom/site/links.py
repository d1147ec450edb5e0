"""The links of a site that is built: whether each one leads to a page, a file or a place that is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

LIVE: Final = "lite"
"""The folder of the live JupyterLab, whose pages are made by itself."""


@dataclass
class Page(HTMLParser):
    """What a page names: the addresses it leads to, those it takes something from, and its own places."""

    leads_to: list[str] = field(default_factory=list)
    takes: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def read(cls, path: Path) -> Page:
        """Read a page."""
        page = cls()
        page.feed(path.read_text(encoding="utf-8"))
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names; called by `HTMLParser`."""
        named = {name: value for name, value in attrs if value}
        self.places |= {named[name] for name in ("id", "name") if name in named}
        if "href" in named:
            # <link rel="…"> is fetched or tells search engines something; only <a> leads somewhere.
            (self.leads_to if tag == "a" else self.takes).append(named["href"])
        if "src" in named:
            self.takes.append(named["src"])


def pages(site: Path) -> dict[Path, Page]:
    """Return every page of a site, without those of the live JupyterLab and what the theme leaves in its own folder."""
    return {
        path: Page.read(path)
        for path in sorted(site.rglob("*.html"))
        if path.relative_to(site).parts[0] not in (LIVE, "_static")
    }


def broken(site: Path) -> list[str]:
    """Return each link that leads to nothing and each thing taken from elsewhere, as sentences."""
    all_pages = pages(site)
    return [
        f"{path.relative_to(site)}: {what}"
        for path, page in all_pages.items()
        for what in _problems(site, path, page, all_pages)
    ]


def _problems(site: Path, path: Path, page: Page, all_pages: dict[Path, Page]) -> Iterator[str]:
    for address in page.takes:
        if urlsplit(address).netloc or urlsplit(address).scheme not in ("", "data"):
            yield f"takes {address} from elsewhere."
    for address in {*page.leads_to, *page.takes}:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file():
            yield f"{address} leads to nothing."
        elif parts.fragment and target in all_pages and unquote(parts.fragment) not in all_pages[target].places:
            yield f"{address} leads to no place on that page."
        for opened in parse_qs(parts.query).get("path", []):
            if LIVE in target.parts and not (site / LIVE / "files" / opened).is_file():
                yield f"{address} opens nothing."
