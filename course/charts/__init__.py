"""Tables to charts that state a finding, say where it is from, and keep the numbers one call away.

Importing this package enables Altair's renderer ``course`` and theme ``course``, for a learner's own charts too.
"""

import altair as alt

from course.charts.bounds import bounds
from course.charts.events import events_around_claim
from course.charts.figure import Figure
from course.charts.land import held_territory
from course.charts.origins import origins_and_repetition
from course.charts.rendering import VEGA_LITE
from course.charts.theme import GREY, INK
from course.charts.tiles import events_by_governorate
from course.charts.timeline import timeline
from course.charts.weighing import accumulated_weight, sensitivity

__all__ = [
    "GREY",
    "INK",
    "VEGA_LITE",
    "Figure",
    "accumulated_weight",
    "bounds",
    "events_around_claim",
    "events_by_governorate",
    "held_territory",
    "origins_and_repetition",
    "sensitivity",
    "timeline",
]


def enable() -> None:
    """Enable the course's renderer and theme for all of Altair's charts."""
    alt.renderers.enable("course")
    alt.theme.enable("course")


enable()
