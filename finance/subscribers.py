"""How money reacts to what happened: whoever comes has somewhere to keep it."""

from accounts.events import FreelancerRegistered
from accounts.selectors import find_home_workspace
from core.contributions.events import Published, subscriber
from finance import services


@subscriber(FreelancerRegistered.name, name="finance.open_accounts")
def open_accounts(event: Published) -> None:
    home = find_home_workspace(event.aggregate_id)
    if home is not None:  # else the person has gone again
        services.open_first_accounts(workspace_id=home.id, currency=home.currency)
