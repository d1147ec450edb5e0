"""How large a value may be that crosses from one kernel to the other, and what both ends call the same."""

from __future__ import annotations

import re
from typing import Final

LARGEST: Final = 32 << 20
"""Bytes of one message."""
MOST: Final = 1_000_000
"""Values in one message: items, cells of a table, keys."""
DEEPEST: Final = 60
"""Levels of lists within lists."""
SHOWN: Final = 200
"""Characters of what is shown of a value that cannot cross."""
NULLABLE: Final = re.compile(r"U?Int(?:8|16|32|64)|Float(?:32|64)|boolean")
"""pandas' types of numbers with missing values."""
