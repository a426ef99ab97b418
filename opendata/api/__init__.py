"""The read-only API under /api/v1/: published data only, the same for everybody."""
