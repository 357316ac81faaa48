"""How mentoring reacts to what happened: who may mentor no more is neither shown nor booked, until they may again."""

from access.events import RoleGranted, RoleRevoked
from accounts.events import AccountClosed, FreelancerReinstated, FreelancerSuspended
from core.contributions.events import Published, subscriber
from mentors import services


@subscriber(
    FreelancerSuspended.name,
    FreelancerReinstated.name,
    AccountClosed.name,
    RoleGranted.name,
    RoleRevoked.name,
    name="mentors.follow_standing",
)
def follow_standing(event: Published) -> None:
    services.follow_standing(mentor_id=event.aggregate_id)
