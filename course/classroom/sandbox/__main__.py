"""Run a command line that `course.classroom.sandbox.wrap` returned."""

import sys

from course.classroom.sandbox.wrapped_command import main

sys.exit(main(sys.argv[1:]))
