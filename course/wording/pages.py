"""Data to HTML, by Jinja2 templates that lie beside the code that uses them.

Everything a template is given is escaped, unless the template itself marks it as HTML with ``| safe``. Every page can
include the design tokens, ``tokens.css``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from course.wording import format_day, listed, number_of

if TYPE_CHECKING:
    from jinja2 import Environment


TOKENS: Final = Path(__file__).parents[1] / "charts" / "tokens.css"
"""The stylesheet of the design tokens, by its path: importing the charts would import Altair."""


def render(package: str, template: str, **values: Any) -> str:
    """Return the HTML that a template makes of these values.

    Parameters
    ----------
    package : str
        The package that the template lies in: ``__package__`` of the module that calls this.
    template : str
        The template's file name, such as ``verdict.html.j2``.

    Raises
    ------
    jinja2.UndefinedError
        If the template uses a value that was not given.
    """
    return _environment(package).get_template(template).render(values)


@cache
def _environment(package: str) -> Environment:
    """Return the settings for a package's templates."""
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, ""), FileSystemLoader(TOKENS.parent)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"day": format_day, "listed": listed, "number_of": number_of}
    # JSON-LD stays readable: by default Jinja2 sorts it and writes every letter beyond ASCII as a code.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment
