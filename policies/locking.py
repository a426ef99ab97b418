"""Who waits for whom: every act locks in one order, so that two never wait for each other.

The plan, then its rounds, then its other records, and last the row of the published version, which moves with the first
public row that is written: what an act locks, it locks before that. A test holds it over all acts.
"""

from __future__ import annotations

from policies.models import Plan


def lock_plan(pk: int) -> Plan:
    """The plan as it is now, locked until the end of the transaction. An act may ask again for what its caller has locked."""
    (plan,) = Plan.objects.select_for_update(of=("self",)).filter(pk=pk)[:1]
    return plan
