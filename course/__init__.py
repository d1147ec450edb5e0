"""Tools for verifying one wartime claim with data."""
