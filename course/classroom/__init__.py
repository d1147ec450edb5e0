"""The instructor's side. What a learner imports never needs it."""
