"""Signing in: the form, and the page on which a superuser sees who is locked out, and lifts it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.models import User
from accounts.sign_in import LOCKED_FOR, NAME_LIMIT, PAIR_LIMIT, lift, recent_failures
from staff.base import person

ADDRESS = "sign-ins/"
NAME = "sign_ins"


class SignInForm(AdminAuthenticationForm):
    """Django writes the longest name into the page only; a longer one must not come as far as the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = User._meta.get_field("username").max_length
        self.fields["username"].validators.append(
            MaxLengthValidator(longest, f"利用者名は{longest}文字以内で入力してください。")
        )


def sign_ins(request: HttpRequest, site: AdminSite) -> HttpResponse:
    if not person(request).is_superuser:
        raise PermissionDenied
    if request.method == "POST":
        name = request.POST.get("name", "")
        if lift(name, by=person(request)):
            messages.success(request, f"「{name}」のログインの失敗の記録を消しました。すぐにログインできます。")
        else:
            messages.info(request, f"「{name}」のログインの失敗の記録は、もうありません。")
        return redirect(f"{site.name}:{NAME}")
    context = {
        **site.each_context(request),
        "title": "ログインの失敗",
        "failures": recent_failures(),
        "pair_limit": PAIR_LIMIT,
        "name_limit": NAME_LIMIT,
        "minutes": int(LOCKED_FOR.total_seconds() // 60),
    }
    return TemplateResponse(request, "staff/sign_ins.html", context)
