"""Money."""

from datetime import timedelta

from config.settings.base import ENV

REFERENCE_RATES_FILE = ENV.reference_rates_file

LEDGER_EXPORT_LIFETIME = timedelta(days=1)  # of the file, from when it is ready
LEDGER_EXPORT_LINK_LIFETIME = timedelta(minutes=15)  # at most; links are handed out with every reading
