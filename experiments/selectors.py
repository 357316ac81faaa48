"""Asking for flags. One evaluation costs neither a query nor a look into the cache."""

from django.conf import settings

from access.types import Principal
from accounts.types import Platform
from core.context import Channel
from core.contributions.flags import Flag, declared_flags
from core.http.versions import CURRENT_TRAIN
from experiments import held, providers
from experiments.errors import UnknownFlag
from experiments.types import NOTHING_SET, Setting, Subject

_PLATFORMS = {Channel.ANDROID: Platform.ANDROID, Channel.IOS: Platform.IOS}


def is_enabled(principal: Principal, flag: Flag, *, app_version: str = "") -> bool:
    """Whether a flag is on for somebody who uses the app of this version; of the current train where none is told."""
    return providers.evaluate(flag, _subject(principal, app_version))


def flags_told_to(principal: Principal, *, app_version: str = "") -> dict[str, bool]:
    """Every flag that apps are told of, by name."""
    subject = _subject(principal, app_version)
    return {flag.name: providers.evaluate(flag, subject) for flag in declared_flags() if flag.is_told}


def get_flag(name: str) -> Flag:
    """Raises: UnknownFlag."""
    found = find_flag(name)
    if found is None:
        raise UnknownFlag
    return found


def find_flag(name: str) -> Flag | None:
    return next((flag for flag in declared_flags() if flag.name == name), None)


def is_decided_elsewhere() -> bool:
    """Whether LaunchDarkly decides, and not staff on their screens."""
    return bool(settings.LAUNCHDARKLY["sdk_key"])


def setting_of(name: str) -> Setting:
    """What staff have set, as it stands in the database."""
    return held.read_settings().get(name, NOTHING_SET)


def _subject(principal: Principal, app_version: str) -> Subject:
    return Subject(
        user_id=str(principal.user_id),
        workspace_id=str(principal.workspace_id or ""),
        roles=principal.roles,
        platform=_PLATFORMS.get(principal.channel, Platform.WEB),
        app_version=app_version or CURRENT_TRAIN,
    )
