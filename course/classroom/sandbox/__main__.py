"""Run what `wrapping.wrap` has put together."""

import sys

from course.classroom.sandbox.wrapped_command import main

sys.exit(main(sys.argv[1:]))
