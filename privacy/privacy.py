"""The personal data of privacy itself, and what people are asked to consent to."""

from datetime import timedelta

from django.db.models import Q

from core.contributions.privacy import (
    Ageing,
    Anonymise,
    Basis,
    Category,
    Delete,
    Goes,
    Purpose,
    Retain,
    StoredFile,
    consent_purpose,
    data,
    impersonal,
    personal,
)
from privacy.models import (
    AgeingProgress,
    ConsentEntry,
    Erasure,
    ErasureStep,
    Export,
    OptedOutAddress,
    PrivacyRequest,
    Tombstone,
)
from privacy.services.exports import stored_names
from privacy.types import SALE, ErasureStatus, RequestStatus

LIMITATION = "3 years after it was closed"
PROOF = "Proof that the law was kept, under an id that stands for nobody."
THREE_YEARS = timedelta(days=3 * 366)

personal(
    Export,
    "exports",
    of="user",
    purpose="Hand people a copy of their data.",
    basis=Basis.LEGAL_OBLIGATION,
    retention="the file until it was downloaded, 7 days at most; the note of it as long as the account exists",
    erase=Delete(),
    files=lambda export: [StoredFile(name, is_exported=False) for name in stored_names(export)],
    withheld={"file": "Where the copy lies; it would hold itself."},
    data=[
        data(Category.IDENTITY, "user"),
        data(Category.ACTIVITY, "status progress attempts due_at ready_at expires_at downloaded_at"),
        data(Category.CONTENT, "file size"),
    ],
)
personal(
    ConsentEntry,
    "consents",
    of="user_id",
    purpose="Know what people agreed to, and prove it.",
    basis=Basis.LEGAL_OBLIGATION,
    retention="as long as the account exists; after its erasure 3 years from when it was said",
    erase=Retain(PROOF, "3 years after it was said"),
    ageing=(
        Ageing(
            "consents.delete",
            after=THREE_YEARS,
            since="recorded_at",
            where=Q(user_id__in=Erasure.objects.filter(status=ErasureStatus.DONE).values("user_id")),
        ),
    ),
    data=[
        data(Category.IDENTITY, "user_id device_id"),
        data(Category.PREFERENCE, "purpose version text_digest given source recorded_at"),
    ],
)
personal(
    PrivacyRequest,
    "privacy_requests",
    of="user_id",
    purpose="Answer requests under privacy law in time.",
    basis=Basis.LEGAL_OBLIGATION,
    retention=LIMITATION,
    erase=Anonymise({"contact": b"", "message": "", "outcome": ""}, kept=PROOF),
    withheld={"contact": "A sealed copy of the address."},
    ageing=(
        Ageing("privacy_requests.delete", after=THREE_YEARS, since="closed_at", where=~Q(status=RequestStatus.OPEN)),
    ),
    data=[
        data(Category.IDENTITY, "user_id"),
        data(Category.CONTACT, "contact"),
        data(Category.CONTENT, "message outcome"),
        data(Category.ACTIVITY, "kind status source confirm_by due_at closed_at"),
    ],
)
personal(
    Erasure,
    "deletions",
    of="user_id",
    purpose="Delete accounts when their owners want it, and prove it.",
    basis=Basis.LEGAL_OBLIGATION,
    retention=LIMITATION,
    erase=Retain(PROOF, LIMITATION),
    withheld=dict.fromkeys(("link_digest", "link_nonce"), "A part of a secret.")
    | {"contact": "A sealed copy of the address."},
    ageing=(
        Ageing(
            "deletions.forget_contact",
            after=timedelta(days=7),
            since="finished_at",
            change=lambda erasure: {"contact": b""} if erasure.contact else {},
        ),
        Ageing("deletions.delete", after=THREE_YEARS, since="finished_at"),
    ),
    data=[
        data(Category.IDENTITY, "user_id"),
        data(Category.CONTACT, "contact", retention="until the receipt was mailed, 7 days at most"),
        data(Category.CREDENTIAL, "link_digest link_nonce"),
        data(Category.ACTIVITY, "status source executes_at cancelled_at started_at finished_at due_at claims receipt"),
    ],
)
personal(
    ErasureStep,
    "deletion_steps",
    of=lambda user_id: Q(erasure__user_id=user_id),
    purpose="Finish what was begun, whatever is killed, and prove it.",
    basis=Basis.LEGAL_OBLIGATION,
    retention=LIMITATION,
    erase=Goes(along="deletions"),
    not_exported="Counts of rows by table; the receipt tells them in the deletion itself.",
    data=[data(Category.ACTIVITY, "erasure position kind name status attempts rows evidence error finished_at")],
)
impersonal(Tombstone, why="Keyed digests of ids that stand for nobody, so that a restored backup forgets again.")
impersonal(OptedOutAddress, why="Keyed digests of addresses that want to be left alone.")
impersonal(AgeingProgress, why="Dates and counts.")

consent_purpose(
    Purpose("marketing", "News and offers", ("Gigvora may send me news and offers by mail and push message.",))
)
consent_purpose(
    Purpose("analytics", "Usage statistics", ("Gigvora may measure how I use the app, to make it better.",))
)
consent_purpose(
    Purpose(
        "personalisation",
        "Personal recommendations",
        ("Gigvora may use what I look at to choose what it shows me first.",),
    )
)
consent_purpose(
    Purpose("location", "Live location", ("Gigvora may show my location to people I choose, while I share it.",))
)
consent_purpose(
    Purpose(
        SALE,
        "Sale or sharing of personal information",
        ("Gigvora may share information about me with advertising partners.",),
        assumed=True,
    )
)
