"""One address of every kind of public page: of the fictional plan `sample`, which has all that a plan can have, and some of two
plans that differ from it: much of Kodaira's is not known, and `sample-2` has axes, quarters and other words."""

SITE = {
    "home": "/",
    "plans": "/plans/",
    "glossary": "/glossary/",
    "about the site": "/about/",
    "accessibility": "/accessibility/",
    "privacy": "/privacy/",
    "API": "/api/v1/docs",
    "not found": "/nix/",
}
PLANS = {
    "sample": {
        "overview": "",
        "about": "about/",
        "policy": "policies/1/",
        "list": "programs/",
        "list, by grade": "programs/?grade=B&sort=change",
        "list, of a department": "programs/?department=kikaku",
        "list, search": "programs/?q=窓口",
        "list, nothing found": "programs/?q=zzzz",
        "list, refused": "programs/?grade=nix&x=1",
        "item": "programs/1/",
        "item, behind": "programs/10/",
        "item, corrected": "programs/12/",
        "grid": "progress/",
        "grid, worst first": "progress/?sort=worst",
        "round": "progress/2016-03-31/",
        "report": "report/2016-03-31/",
        "compare": "compare/",
        "compare, chosen": "compare/?from=2014-09-30&to=2015-03-31",
        "compare, refused": "compare/?from=2015-03-31&to=2014-09-30",
        "revisions": "revisions/",
        "revision": "revisions/fy2013-revision/",
        "revision, one aspect": "revisions/fy2013-revision/?aspect=departments",
        "effects": "effects/",
        "committee": "committee/",
        "meeting": "committee/2016-05-27/",
        "figures": "figures/",
        "data": "data/",
        "data, a table": "data/?table=reports",
        "data, refused": "data/?table=nix",
        "not found in a plan": "nix/",
    },
    "kodaira-2": {
        "overview": "",
        "about": "about/",
        "list": "programs/",
        "item": "programs/27/",
        "grid": "progress/",
        "report": "report/2016-03-31/",
        "revision": "revisions/fy2013-revision/",
        "figures": "figures/",
        "data": "data/",
    },
    "sample-2": {
        "overview": "",
        "list": "programs/",
        "item": "programs/R1-1/",
        "grid": "progress/",
        "round": "progress/2025-03-31/",
        "revision": "revisions/extension/",
        "effects": "effects/",
        "committee": "committee/",
        "figures": "figures/",
        "data": "data/",
    },
}


def kinds() -> dict[str, str]:
    """The name of a kind → its address. Those of a plan have the plan before the name."""
    of_plans = {
        f"{plan}: {kind}": f"/plans/{plan}/{page}" for plan, pages in PLANS.items() for kind, page in pages.items()
    }
    return SITE | of_plans
