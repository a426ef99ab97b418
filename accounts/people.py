"""People who sign in: deactivated, never deleted, because the history names them; and one superuser is always left."""

from __future__ import annotations

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError

from accounts.models import User


def require_superuser_left(person: User) -> None:
    """Raise ValidationError unless somebody can still manage people once this person is stored as it is now.

    Call inside the transaction that stores it: two superusers who remove each other at the same moment wait for each other.
    """
    able = {"is_superuser": True, "is_active": True, "is_staff": True}
    who = User.objects.select_for_update().filter(**able).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    known = list(who.order_by("pk").values_list("pk", flat=True))
    if person.pk not in known or (person.has_usable_password() and all(getattr(person, name) for name in able)):
        return
    if known == [person.pk]:
        raise ValidationError(
            "システム管理者がほかにいないため、この利用者から管理者の権限を外したり、無効にしたり、パスワードでのログインを止めたりできません。"
            "先に、ほかの利用者を管理者にしてください。"
        )
