"""The whole public site as files, for a server that only hands out files (docs/decisions/0014-static-site.md)."""
