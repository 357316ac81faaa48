"""Feature flags: set by staff here, or by LaunchDarkly where a key is given."""

from config.settings.base import ENV

LAUNCHDARKLY = ENV.launchdarkly
