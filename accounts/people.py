"""People who sign in: deactivated, never deleted, because the history names them; and one superuser is always left."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.models import User


def require_superuser_left(person: User) -> None:
    """Raise ValidationError unless somebody can still manage people once this person is stored as it is now.

    Call inside the transaction that stores it: two superusers who remove each other at the same moment wait for each other.
    """
    able = {"is_superuser": True, "is_active": True, "is_staff": True}
    known = list(User.objects.select_for_update().filter(**able).order_by("pk").values_list("pk", flat=True))
    if person.pk not in known or all(getattr(person, name) for name in able):
        return
    if known == [person.pk]:
        raise ValidationError(
            "システム管理者がほかにいないため、この利用者から管理者の権限を外したり、無効にしたりできません。"
            "先に、ほかの利用者を管理者にしてください。"
        )
