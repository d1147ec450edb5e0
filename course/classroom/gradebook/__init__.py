"""What nbgrader's course folder and database hold: releases, submissions, marks, and the journal of a grading run."""
