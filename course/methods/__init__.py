"""The rules behind each tool: one module for each, pure functions that know no widget and no file."""
