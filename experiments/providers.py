"""Who answers for flags, behind OpenFeature: the settings of staff, or LaunchDarkly where it is set up.

The client is made when it is first asked for, in the process that asks: LaunchDarkly's threads survive no fork.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError, TypeMismatchError
from openfeature.flag_evaluation import FlagResolutionDetails, Reason
from openfeature.provider import AbstractProvider, FeatureProvider
from openfeature.provider.metadata import Metadata

from core.contributions.flags import Flag
from experiments import held
from experiments.targeting import is_on
from experiments.types import NOTHING_SET, Subject

if TYPE_CHECKING:
    from ld_openfeature import LaunchDarklyProvider

START_WAIT = 2.0  # seconds for LaunchDarkly to answer; until it does, declared defaults hold
logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def client() -> OpenFeatureClient:
    try:
        api.set_provider_and_wait(_provider())
    except OpenFeatureError as error:
        logger.warning("Flags stand at their defaults: %s", error)  # the provider goes on trying
    return api.get_client()


def evaluate(flag: Flag, subject: Subject) -> bool:
    return client().get_boolean_value(flag.name, flag.default, context_of(subject))


def close() -> None:
    """Let go of the provider; the next evaluation begins anew."""
    api.shutdown()
    client.cache_clear()


def context_of(subject: Subject) -> EvaluationContext:
    """What LaunchDarkly's rules may name: ids and words of ours, nothing personal."""
    return EvaluationContext(
        targeting_key=subject.user_id,
        attributes={
            "workspace": subject.workspace_id,
            "roles": sorted(subject.roles),
            "platform": subject.platform,
            "app_version": subject.app_version,
        },
    )


def subject_of(context: EvaluationContext) -> Subject:
    of: Mapping[str, Any] = context.attributes
    return Subject(
        context.targeting_key or "", of["workspace"], frozenset(of["roles"]), of["platform"], of["app_version"]
    )


class StaffSettings(AbstractProvider):
    """The built-in provider: what staff have set, from the copy that this process holds."""

    def get_metadata(self) -> Metadata:
        return Metadata("gigvora-staff-settings")

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        setting = held.copy.settings().get(flag_key, NOTHING_SET)
        subject = subject_of(evaluation_context or EvaluationContext())
        return FlagResolutionDetails(is_on(flag_key, setting, subject, default_value), reason=Reason.TARGETING_MATCH)

    def resolve_string_details(self, flag_key: str, *_: Any) -> FlagResolutionDetails[str]:
        _refuse(flag_key)

    def resolve_integer_details(self, flag_key: str, *_: Any) -> FlagResolutionDetails[int]:
        _refuse(flag_key)

    def resolve_float_details(self, flag_key: str, *_: Any) -> FlagResolutionDetails[float]:
        _refuse(flag_key)

    def resolve_object_details(
        self, flag_key: str, *_: Any
    ) -> FlagResolutionDetails[Sequence[Any] | Mapping[str, Any]]:
        _refuse(flag_key)


def _refuse(flag_key: str) -> NoReturn:
    raise TypeMismatchError(f"{flag_key} is a switch.")


def _provider() -> FeatureProvider:
    return _launchdarkly() if settings.LAUNCHDARKLY["sdk_key"] else StaffSettings()


def _launchdarkly() -> "LaunchDarklyProvider":
    """Streams settings from LaunchDarkly, or from a Relay Proxy of our own; its reports hold ids alone."""
    from ld_openfeature import Config, LaunchDarklyProvider  # noqa: PLC0415  starts threads, and takes 15 MB

    relay = settings.LAUNCHDARKLY["relay_url"]
    places: dict[str, Any] = dict.fromkeys(("base_uri", "events_uri", "stream_uri"), relay) if relay else {}
    config = Config(
        settings.LAUNCHDARKLY["sdk_key"],
        all_attributes_private=True,
        diagnostic_opt_out=True,
        enable_event_compression=True,
        **places,
    )
    return LaunchDarklyProvider(config, START_WAIT)
