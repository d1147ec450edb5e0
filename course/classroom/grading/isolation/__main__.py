"""Run what `wrapping.wrap` has put together."""

import sys

from course.classroom.grading.isolation.wrapping import main

sys.exit(main(sys.argv[1:]))
