"""What of the home screen can be switched off."""

from core.contributions.flags import Flag, declare_flag

LAUNCHPAD_V2 = declare_flag(
    Flag("mobile_launchpad_v2", "The home screen of 2024.09; without it apps get the cards of 2024.08.", default=True)
)
