"""The personal data of the marketplace."""

from core.contributions.privacy import Basis, Category, Delete, data, impersonal, personal
from explorer.models import Application, Engagement, Listing, ListingTag, Tag, Tally, Term

UNTIL_DELETED = "until the person deletes it or their account"

personal(
    Listing,
    "explorer_listings",
    of="owner",
    purpose="Show others what the person offers or looks for.",
    basis=Basis.CONTRACT,
    retention=UNTIL_DELETED,
    shared_with=("everybody on the marketplace",),
    erase=Delete(),
    data=[
        data(Category.IDENTITY, "owner workspace organization"),
        data(Category.CONTENT, "category title description expertise_tags tag_words duration employment_type"),
        data(Category.LOCATION, "location latitude longitude is_remote"),
        data(Category.FINANCE, "budget_minor currency budget_period"),
        data(Category.ACTIVITY, "status removal_reason published_at is_withheld"),
    ],
)
personal(
    Engagement,
    "explorer_engagement",
    of="user",
    purpose="Count what people like, remember what they saved, and choose what their feed shows.",
    basis=Basis.CONTRACT,
    retention=UNTIL_DELETED,
    erase=Delete(),
    data=[data(Category.IDENTITY, "user"), data(Category.ACTIVITY, "listing kind channel")],
)
personal(
    Application,
    "explorer_applications",
    of="applicant",
    purpose="Bring the person's application to whom it is for.",
    basis=Basis.CONTRACT,
    retention=UNTIL_DELETED,
    shared_with=("the owner of the listing",),
    erase=Delete(),
    data=[
        data(Category.IDENTITY, "applicant"),
        data(Category.CONTENT, "message"),
        data(Category.ACTIVITY, "listing status decided_at"),
    ],
)
impersonal(ListingTag, Tag, why="Fields of expertise; whose, only the listing tells.")
impersonal(Tally, why="How many people did something, without saying who.")
impersonal(Term, why="Single words, apart from the listings that contain them; unused ones go within a day.")
