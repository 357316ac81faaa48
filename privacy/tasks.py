"""The clockwork of privacy. What is due is found in rows; bells only make it sooner."""

from datetime import timedelta

from core.jobs import job
from privacy.services import ageing, deletion, erasing, exports


@job(name="privacy.export", every=timedelta(minutes=1))
def export() -> None:
    exports.make_due()


@job(name="privacy.erase", every=timedelta(minutes=1))
def erase() -> None:
    erasing.erase_due()


@job(name="privacy.clear_away", every=timedelta(minutes=15))
def clear_away() -> None:
    exports.clear_away()
    deletion.expire_unconfirmed()


@job(name="privacy.let_age", every=timedelta(hours=6))
def let_age() -> None:
    ageing.let_age()
