"""Data to HTML, by Jinja2 templates that lie beside the code that uses them.

Everything a template is given is escaped, unless the template itself marks it as HTML with ``| safe``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from course.wording import format_day, listed, number_of

if TYPE_CHECKING:
    from jinja2 import Environment


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
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package, ""),
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
