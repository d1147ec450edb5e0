"""Name characters that look like others, such as a Cyrillic В in the place of a Latin B."""

from __future__ import annotations

import unicodedata
from typing import Final

_ALPHABETS: Final = dict(
    zip("АВЕКМНОРСТУХІЈЅасеорхуіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTYXIJSaceopxyijsABEZHIKMNOPTYXo", strict=True)
)
_INVISIBLE: Final = ("Cf", "Zl", "Zp", "Zs")


def describe_lookalikes(text: str) -> str:
    """Return which characters in a text only look like plain ones; empty if there are none, or it holds other words.

    Examples
    --------
    >>> describe_lookalikes("В")
    'В is the Cyrillic capital letter ve, not the letter B on your keyboard: type it anew'
    >>> describe_lookalikes("S0２")
    '２ is the fullwidth digit two, not 2: type it anew'
    >>> describe_lookalikes("S09\N{NO-BREAK SPACE}")
    'there is an invisible character in it (no-break space): type it anew'
    >>> describe_lookalikes("Москва") + describe_lookalikes("S09")
    ''
    """
    notes = []
    for sign in dict.fromkeys(sign for sign in text if not sign.isascii()):
        name = unicodedata.name(sign, "unknown").lower().replace("cyrillic", "Cyrillic").replace("greek", "Greek")
        if unicodedata.category(sign) in _INVISIBLE:
            notes.append(f"there is an invisible character in it ({name})")
        elif plain := _ALPHABETS.get(sign):
            notes.append(f"{sign} is the {name}, not the letter {plain} on your keyboard")
        elif (plain := unicodedata.normalize("NFKC", sign)).isascii() and len(plain) == 1:
            notes.append(f"{sign} is the {name}, not {plain}")
        else:
            return ""
    return f"{', '.join(notes)}: type it anew" if notes else ""
