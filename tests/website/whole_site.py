"""All that citizens can get of a plan: every page and file, followed from link to link."""

import re


def texts_of_site(client, plan):
    """Every public page and file of the plan, followed from link to link."""
    waiting, seen = (
        [plan.get_absolute_url(), "/", "/plans/", "/feed.xml", "/sitemap.xml", f"/api/v1/plans/{plan.slug}"],
        {},
    )
    waiting += [
        f"/api/v1/plans/{plan.slug}/{name}" for name in ("programs", "reports", "opinions", "program-editions", "long")
    ]
    waiting += [f"/plans/{plan.slug}/programs.xlsx", f"/plans/{plan.slug}/data.zip"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        answer = client.get(path)
        seen[path] = answer.getvalue()
        if answer.headers["Content-Type"].startswith("text/html"):
            found = re.findall(r'href="(/[^"#?]*)"', seen[path].decode())
            waiting += [
                link for link in found if not link.startswith(("/static/", "/admin/")) and not link.endswith(".pdf")
            ]
    return seen
