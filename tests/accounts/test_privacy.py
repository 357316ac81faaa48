"""What of accounts is whose, when somebody leaves."""

import pytest

from accounts.models import Membership, User, Workspace
from privacy.inventory import declarations

pytestmark = pytest.mark.django_db


def test_home__of_a_host_with_a_guest__is_the_hosts_alone(freelancer: User, staff: User) -> None:
    home = Workspace.objects.get(memberships__user=freelancer)
    Membership.objects.create(workspace=home, user=staff, role=Membership.Role.MEMBER)
    homes = next(each for each in declarations() if each.collection == "home_workspaces")

    assert home in Workspace.objects.filter(homes.of(freelancer.id))
    assert home not in Workspace.objects.filter(homes.of(staff.id))
