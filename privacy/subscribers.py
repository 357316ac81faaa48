"""What privacy does when something has happened: mails, and taking over what an address has said before."""

from accounts.events import DeletionRequested, EmailChanged, EmailReverted, FreelancerRegistered
from core.contributions.events import Published, subscriber
from privacy.events import AccountErased, DeletionAsked, DeletionScheduled, ExportReady
from privacy.services import consents, deletion, exports, receipts


@subscriber(DeletionAsked.name, name="privacy.mail_confirmation", is_slow=True)
def mail_confirmation(event: Published) -> None:
    deletion.mail_confirmation(user_id=event.aggregate_id, wish=event.id)


@subscriber(DeletionRequested.name, name="privacy.schedule_for_provider")
def schedule_for_provider(event: Published) -> None:
    deletion.schedule_for(user_id=event.aggregate_id)


@subscriber(DeletionScheduled.name, EmailChanged.name, name="privacy.mail_schedule", is_slow=True)
def mail_schedule(event: Published) -> None:
    deletion.mail_schedule(user_id=event.aggregate_id)


@subscriber(EmailReverted.name, name="privacy.call_off")
def call_off(event: Published) -> None:
    deletion.call_off(user_id=event.aggregate_id)


@subscriber(AccountErased.name, name="privacy.mail_receipt", is_slow=True)
def mail_receipt(event: Published) -> None:
    receipts.mail_receipt(user_id=event.aggregate_id)


@subscriber(ExportReady.name, name="privacy.mail_export", is_slow=True)
def mail_export(event: Published) -> None:
    exports.mail_ready(export_id=event.aggregate_id)


@subscriber(FreelancerRegistered.name, EmailChanged.name, EmailReverted.name, name="privacy.carry_over_opt_out")
def carry_over_opt_out(event: Published) -> None:
    consents.carry_over(user_id=event.aggregate_id)
