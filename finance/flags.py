"""What of money can be switched off."""

from core.contributions.flags import Flag, declare_flag

WALLET_INSIGHTS = declare_flag(
    Flag("mobile_wallet_insights_v2", "Wallet insights: what came in and went out, and charts of it.", default=True)
)
