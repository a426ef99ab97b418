"""Addresses of the staff's pages."""


def list_url(label, act=""):
    """Of a model, or of what is done with its list: list_url("policies.policy", "add/")."""
    return f"/admin/{label.replace('.', '/')}/{act}"


def url(row, act="change"):
    """Of a row, or of an act on it: url(report, "approve")."""
    return list_url(row._meta.label_lower, f"{row.pk}/{act}/")
