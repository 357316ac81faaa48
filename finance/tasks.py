"""The clockwork of money. What is due is found in rows; bells only make it sooner."""

from datetime import timedelta

from core.jobs import job
from finance.services import exports


@job(name="finance.export", every=timedelta(minutes=1))
def export() -> None:
    exports.make_due()


@job(name="finance.clear_away", every=timedelta(minutes=15))
def clear_away() -> None:
    exports.clear_away()
