"""nbgrader's settings for every server on a campus: assignments travel through ngshare."""

import os
from pathlib import Path

from ngshare_exchange import configureExchange

c = get_config()  # noqa: F821 - traitlets puts it here

# Where ngshare answers, seen from a learner's server. deploy/ngshare.yaml gives it this name.
configureExchange(c, os.environ.get("NGSHARE_URL", "http://ngshare:8080/services/ngshare"))

c.CourseDirectory.course_id = "completely-free"
# Fetched assignments go beside the lessons, where the lessons say they are.
c.Exchange.assignment_dir = str(Path.home() / "exercises")
