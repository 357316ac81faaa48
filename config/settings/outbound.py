"""Calling out."""

from config.settings.base import ENV

OUTBOUND_CA_FILE = ENV.outbound_ca_file
OUTBOUND_PRIVATE_HOSTS = frozenset(ENV.outbound_private_hosts)
