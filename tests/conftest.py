"""Settings for all tests."""

from __future__ import annotations

from hypothesis import settings

# These machines are shared and noisy: how long an example takes says nothing about whether a promise is kept.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
