"""The personal data of the kernel: answers kept so that they can be given again."""

from core.contributions.privacy import Basis, Category, Delete, data, personal
from core.models import IdempotencyRecord

personal(
    IdempotencyRecord,
    "idempotent_answers",
    of="user_id",
    purpose="Give a repeated request the answer that the first one got.",
    basis=Basis.CONTRACT,
    retention="24 hours",
    erase=Delete(),
    not_exported="Sealed copies of answers, gone after a day; what they tell of is in the other collections.",
    data=[
        data(Category.IDENTITY, "user_id"),
        data(Category.ACTIVITY, "key fingerprint status headers"),
        data(Category.CONTENT, "body"),
    ],
)
