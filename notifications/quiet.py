"""When quiet hours end. Times are those of a clock on the wall, so a day may have 23 or 25 hours."""

from datetime import UTC, datetime, timedelta

from notifications.types import QuietHours


def quiet_until(hours: QuietHours | None, moment: datetime) -> datetime | None:
    """The end of the quiet hours in which a moment lies, in UTC; `None` where it lies in none."""
    if hours is None or hours.starts_at == hours.ends_at:
        return None
    today = moment.astimezone(hours.zone).date()
    for day in (today - timedelta(days=1), today):
        start = datetime.combine(day, hours.starts_at, hours.zone)
        last = day if hours.ends_at > hours.starts_at else day + timedelta(days=1)
        end = datetime.combine(last, hours.ends_at, hours.zone).astimezone(UTC)
        if start.astimezone(UTC) <= moment < end:
            return end
    return None
