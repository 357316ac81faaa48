"""Who may close somebody's account, and open it again."""

import pytest

from access.errors import LastAdmin, RoleOutOfReach
from access.types import Principal
from accounts.models import User
from accounts.services import profile
from core.contributions.scopes import Persona
from safety import services as safety
from safety.types import ReportReason
from tests.accounts.actors import MakeUser, PrincipalOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def reporter(freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(freelancer)


@pytest.mark.parametrize("is_superuser", [True, False])
def test_suspend__an_admin_by_the_lead_of_support__is_out_of_reach(
    make_user: MakeUser, staff: User, support_lead: User, reporter: Principal, is_superuser: bool
) -> None:
    admin = make_user(persona=Persona.ADMIN, is_staff=True, is_superuser=is_superuser)
    report, _ = safety.file_report(actor=reporter, subject_type="user", subject_id=admin.id, reason=ReportReason.SPAM)

    with pytest.raises(RoleOutOfReach):
        safety.act_on_report(actor_id=support_lead.id, report_id=report.id, reason="bye")

    admin.refresh_from_db()
    report.refresh_from_db()
    assert (admin.is_active, admin.security_version, report.status) == (True, 1, "open")


def test_suspend__somebody_less_mighty__is_done(support_lead: User, support: User, freelancer: User) -> None:
    for person in (support, freelancer):
        profile.suspend(actor=support_lead.id, user_id=person.id, reason="Threats")

    assert not User.objects.filter(id__in=[support.id, freelancer.id], is_active=True).exists()


def test_reinstate__an_admin_by_the_lead_of_support__is_out_of_reach(
    make_user: MakeUser, staff: User, support_lead: User
) -> None:
    admin = make_user(persona=Persona.ADMIN, is_staff=True)
    profile.suspend(actor=staff.id, user_id=admin.id, reason="lost laptop")

    with pytest.raises(RoleOutOfReach):
        profile.reinstate(actor=support_lead.id, user_id=admin.id, reason="friends")

    admin.refresh_from_db()
    assert not admin.is_active


def test_suspend__oneself_as_the_last_admin__is_refused(staff: User) -> None:
    with pytest.raises(LastAdmin):
        profile.suspend(actor=staff.id, user_id=staff.id, reason="tired")
