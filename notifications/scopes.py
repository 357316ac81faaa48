"""What tokens and roles may say about notifications."""

from core.contributions.scopes import EVERYBODY, Scope, declare_scopes

READ = "notifications:read"

declare_scopes(Scope(READ, "Read one's notifications, and choose which ones come and how.", EVERYBODY))
