"""A folder of pages that a command makes anew: it takes the place of an older one, and of nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path


def is_free(folder: Path, mark: str) -> bool:
    """Return whether pages may come here: nothing is here yet, or pages of the kind that `mark`, a file, tells."""
    return not folder.exists() or (folder.is_dir() and ((folder / mark).is_file() or not any(folder.iterdir())))


def put(site: Path, folder: Path) -> None:
    """Move finished pages to their place, and remove what was there."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(site, folder)
