"""The items of a plan, what each edition says about them, and the editions themselves, in the admin."""

from programs.admin import editions, items, lists
from programs.admin.contents import LEADING, ProgramEditionAdmin, department_names

__all__ = ["LEADING", "ProgramEditionAdmin", "department_names", "editions", "items", "lists"]
