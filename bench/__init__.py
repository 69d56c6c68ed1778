"""Benchmarks that anyone can run. They print figures beside floors of the same run; nothing passes or fails by time."""
