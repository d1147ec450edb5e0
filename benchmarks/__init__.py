"""Measurements that run both sides in one go and print their ratio."""
