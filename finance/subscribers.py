"""How money reacts to what happened: whoever comes has somewhere to keep it."""

from accounts.events import FreelancerRegistered
from accounts.selectors import find_home_workspace, find_user
from core.contributions.events import Published, subscriber
from finance import services


@subscriber(FreelancerRegistered.name, name="finance.open_accounts")
def open_accounts(event: Published) -> None:
    person, home = find_user(event.aggregate_id), find_home_workspace(event.aggregate_id)
    if person is not None and person.closed_at is None and home is not None:  # else they have gone again
        services.open_first_accounts(workspace_id=home.id, currency=home.currency)
