"""Logs, metrics, traces and error reports."""

from config.settings.base import ENV

METRICS_TOKEN = ENV.metrics_token
SENTRY_DSN = ENV.sentry_dsn
OTLP_ENDPOINT = ENV.otlp_endpoint
LOG_LEVEL = ENV.log_level
