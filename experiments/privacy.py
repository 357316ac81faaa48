"""The personal data of flags: who is an exception."""

from core.contributions.privacy import Basis, Category, Delete, data, impersonal, personal
from experiments.models import FeatureFlag, FlagException

impersonal(FeatureFlag, why="What staff have set of switches, for kinds of people.")
personal(
    FlagException,
    "flag_exceptions",
    of="user",
    purpose="Let somebody try a feature before others, or spare them one.",
    basis=Basis.LEGITIMATE_INTEREST,
    retention="until the flag or the account is gone",
    erase=Delete(),
    data=[data(Category.IDENTITY, "user workspace"), data(Category.PREFERENCE, "flag is_on")],
)
