"""``course collect``: sort what a learning platform gives for download into the folder ``submitted``."""
