"""`/auth/me`, where two floors meet: accounts shows and changes a person, privacy deletes one."""

from accounts.views.profile import MeView as Profile
from core.http.access import ADMIN, MOBILE, WEB, Access
from privacy.views.deletion import AccountDeletion


class MeView(AccountDeletion, Profile):
    access = Access(audiences=MOBILE | WEB | ADMIN, step_up=frozenset({"DELETE"}))
