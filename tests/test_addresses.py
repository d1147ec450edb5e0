"""Every outside address that the course names is listed in docs/addresses.csv, with what it is for and where it stands.

Nothing in the course opens one of them: they are where a fact is from, where a licence stands, or the name of a format.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIST = ROOT / "docs" / "addresses.csv"
LEFT_OUT = ("tests", "benchmarks", "requirements.lock", "requirements-dev.lock", "LICENSE-content", ".ci")
"""Not read by learners, or a text that is not ours."""
ENDINGS = "com|org|net|io|gov|int|mil|edu|info|ru|kz|sy|uk|se|eu|de|fr|tv"
ADDRESS = re.compile(
    # With a scheme any host counts; a bare name only with an ending that no attribute of Python's has.
    rf"(?<![\w@.-])(?:https?://((?:[a-z0-9-]+\.)+[a-z]+)|((?:[a-z0-9-]+\.)+(?:{ENDINGS}))(?![\w(-]|\.[a-z]))"
    r"(/[^\s\"'<>`)\]}“”;,\\]*)?",
    re.IGNORECASE,
)


def named() -> dict[str, set[str]]:
    """Return every outside address with the folders or files of the root in which it stands."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    places: dict[str, set[str]] = defaultdict(set)
    for name in filter(None, names.split("\0")):
        place, path = name.partition("/")[0], ROOT / name
        if place in LEFT_OUT or path == LIST or not path.is_file() or path.suffix == ".png":
            continue
        for after_scheme, bare, rest in ADDRESS.findall(_text(path)):
            # example.org and the hosts under it are nobody's: they are kept free for examples (RFC 2606).
            if (host := (after_scheme or bare).lower().removeprefix("www.")) and not f".{host}".endswith(
                ".example.org"
            ):
                places[host + rest.rstrip("/.:")].add("exercises" if place == "solutions" else place)
    return places


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8", errors="ignore")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


def listed() -> dict[str, dict[str, str]]:
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["address"] for row in rows] == sorted({row["address"] for row in rows}), "sorted, each once"
    return {row["address"]: row for row in rows}


def test_addresses_are_found_with_and_without_a_scheme() -> None:
    addresses = [
        "".join(parts) for parts in ADDRESS.findall("see https://a.museum/x, b.org/y; not alt.Chart or a@c.com")
    ]
    assert addresses == ["a.museum/x", "b.org/y"]


def test_every_outside_address_is_listed_and_none_is_listed_in_vain() -> None:
    assert set(named()) == set(listed())


def test_the_list_says_where_each_stands_and_what_for() -> None:
    rows = listed()
    assert {address: sorted(places) for address, places in named().items()} == {
        address: row["used_in"].split("; ") for address, row in rows.items()
    }
    assert all(len(row["what_for"].split()) >= 2 for row in rows.values())


def test_every_address_in_the_data_belongs_to_a_source_that_is_listed_too() -> None:
    """A row of data is from somewhere; the list says who that is, so that a dead link can be looked for elsewhere."""
    for address, row in listed().items():
        if "data" in row["used_in"].split("; "):
            assert row["whose"], address
