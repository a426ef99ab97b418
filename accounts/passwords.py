"""What a password may not be: something that whoever knows the person would try first."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from accounts.models import User
from core.text import drop_invisible, fold

_LEAST = 3  # letters of a name that count; kanji names have two
_KANJI = re.compile("[一-鿿々]")
_ALIKE = str.maketrans("0134578@$!", "oieastbasi")  # as people write words in passwords


class NotLikeTheName:
    """No name of the person in it, in any width, kana or case, with digits for letters or backwards."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None:
            return
        forms = {fold(drop_invisible(password))}
        forms |= {form.translate(_ALIKE) for form in forms}
        forms |= {form[::-1] for form in forms}
        for name in _names(user):
            if any(name in form or name.translate(_ALIKE) in form for form in forms):
                raise ValidationError(self.get_help_text(), code="password_like_name")

    def get_help_text(self) -> str:
        return "利用者名、氏名、メールアドレスを含むパスワードにはできません（全角・半角、かな・カナ、大文字・小文字を問いません）。"


def _names(user: User) -> set[str]:
    texts = [user.get_username(), user.name, (user.email or "").partition("@")[0]]
    parts = [part for text in texts for part in (text, *re.split(r"[\s　._@+-]+", text))]
    return {folded for part in parts if len(folded := fold(part)) >= (2 if _KANJI.search(part) else _LEAST)}
