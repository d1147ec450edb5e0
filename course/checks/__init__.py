"""What exercises are written with and checked by: expectations, the runner, and the notebook's last cell."""
