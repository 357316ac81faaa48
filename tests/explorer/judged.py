"""Searches with known answers: PostgreSQL's, over listings that are the same everywhere, recorded in a file.

After a wanted change: `UPDATE_JUDGED_SEARCHES=1` with the tests of `test_recall.py` on PostgreSQL, then review the
difference of `data/judged_searches.json`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid5

from access.types import Principal
from accounts.models import User
from explorer import search, selectors
from explorer.demo import seed_listings
from explorer.models import Listing
from explorer.types import Category
from tests.accounts import actors


class Answer(NamedTuple):
    """How many listings a search finds, and the beginnings of the ids of the first ones."""

    found: int
    first: list[str]


RECORDING = Path(__file__).with_name("data") / "judged_searches.json"
AT = 20  # of each answer; what a phone shows before somebody scrolls
DEMO_LISTINGS = 1_500
_OWNER = UUID("7c9d1c1e-4a52-4b0a-9a55-0f7a6d0b2c11")

# What the demo marketplace lacks: software, accents, names of signs, several languages.
# title, tags, organization, location, description
_WRITTEN = (
    ("Senior Python developer", "Python, Django, PostgreSQL", "Nordlicht", "Malmö", "Write APIs with Django."),
    ("Python trainer", "Python, Teaching", "Oak Street", "Köln", "Teach data scientists to program in Python."),
    ("Data engineer", "Python, Airflow, SQL", "Lumen", "Zürich", "Pipelines for a bank, with tests."),
    ("React Native developer", "React Native, TypeScript", "Kite & Co", "São Paulo", "A shopping app for both stores."),
    ("Front-end developer", "React, TypeScript, CSS", "Atelier Vega", "Montréal", "Components for a design system."),
    ("C++ developer for games", "C++, Unreal", "Harbour Works", "Gdańsk", "Physics and rendering."),
    ("C# and .NET developer", "C#, .NET", "Brandt & Söhne", "Düsseldorf", "Software for machine tools."),
    ("F# for finance", "F#, .NET", "Lumen", "Zürich", "Models of risk."),
    ("Node.js backend", "Node.js, Redis", "Kite & Co", "Reykjavík", "Queues, caches and a REST API."),
    ("Go engineer", "Go, Kubernetes", "Nordlicht", "Kraków", "Controllers for clusters."),
    ("Kubernetes administrator", "Kubernetes, Linux", "Nordlicht", "Malmö", "Clusters on bare metal, on call monthly."),
    ("Café manager", "Hospitality", "Café Zoë", "Besançon", "Run a café with two pâtissiers."),
    ("Pâtissier", "Pastry, Baking", "Maison Élan", "Orléans", "Éclairs, crème brûlée and wedding cakes."),
    ("Résumé writer", "Writing, Editing", "", "Málaga", "Résumés and covering letters for engineers."),
    ("Translator, French to English", "Translation, French", "Atelier Vega", "Genève", "Novels and subtitles."),
    ("Übersetzer Deutsch/Polnisch", "Translation, German, Polish", "", "Łódź", "Verträge und Handbücher."),
    ("Logo designer", "Logo design, Branding", "Kite & Co", "Córdoba", "Logos for naïve little bakeries."),
    ("UX researcher", "UX, Research", "Lumen", "Tromsø", "Interviews and usability studies."),
    ("iOS engineer", "Swift, iOS", "Harbour Works", "Aarhus", "Swift, SwiftUI and an offline database."),
    ("Android engineer", "Kotlin, Android", "Harbour Works", "Aarhus", "Kotlin, Compose and background sync."),
    ("Wind turbine technician", "Wind energy, Maintenance", "Nordlicht", "Esbjerg", "Repairing turbines at sea."),
    ("Piano teacher", "Piano, Teaching", "", "Brno", "Lessons for children and late beginners."),
    ("Bookkeeper for freelancers", "Bookkeeping, Taxes", "Oak Street", "Leeds", "Invoices, taxes and annual accounts."),
    ("Podcast producer", "Audio, Editing", "Oak Street", "Galway", "Cutting interviews, mixing, publishing."),
)  # fmt: skip

SEARCHES: Mapping[str, Sequence[str]] = {
    "words": (
        "accountant", "nurse", "librarian", "surveyor", "psychologist", "python", "kubernetes", "turbine", "podcast",
        "lumen", "nordlicht", "perth", "engineer", "manager",
    ),
    "several words": (
        "electrical engineer", "engineer electrical", "civil service administrator", "art director", "piano teacher",
        "volunteer nurse", "the nurse for volunteers", "mentoring barrister", "oak street surveyor", "python django",
        "translator french english", "project manager", "scientist research",
    ),
    "stems": (
        "engineers", "engineering", "teaching", "accounting", "designs", "translations", "nursing",
        "developers", "managing", "repaired", "studies", "scientists", "chemistry",
    ),
    "typing errors": (
        "enginer", "acountant", "psycologist", "kubernets", "libarian", "electrcal enginer", "pyhton", "jurnalist",
        "archeologist", "tecnician", "desginer", "manger retail", "vetinary", "translater",
    ),
    "accents and signs": (
        "malmo", "MALMÖ", "zurich", "sao paulo", "são paulo", "cafe", "café", "patissier", "resume", "resumé writer",
        "brandt sohne", "uebersetzer", "ubersetzer", "geneve", "krakow", "naive", "C++", "c# developer", ".net",
        "node.js", "f#", "creme brulee", "lodz",
    ),
    "skills": (
        "react native", "typescript", "swift", "kotlin", "postgresql", "logo design", "ux", "bookkeeping",
        "chartered accountant", "mechanical", "biomedical", "clinical", "broadcast", "conservation", "forensic",
        "higher education", "textile", "marine",
    ),
    "begun words": ("elect", "kube", "psych", "python dev", "account", "engi", "transl", "journ"),
}  # fmt: skip


def answers() -> dict[str, Answer]:
    """What each search finds here and now, in the order in which the API shows it."""
    principal = _put_up()
    return {text: _answer(principal, text) for texts in SEARCHES.values() for text in texts}


def recorded() -> dict[str, Answer]:
    return {text: Answer(*answer) for text, answer in json.loads(RECORDING.read_text()).items()}


def record(answers: Mapping[str, Answer]) -> None:
    lines = (f"{json.dumps(text, ensure_ascii=False)}: {json.dumps(answer)}" for text, answer in answers.items())
    RECORDING.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _put_up() -> Principal:
    """Put up the listings that are searched, and search as whom they belong to."""
    owner = actors.make_user(id=_OWNER, email="judged@example.com")
    seed_listings([owner.id], DEMO_LISTINGS, lambda share: None)
    written = [_listing(owner, row) for row in _WRITTEN]
    Listing.objects.bulk_create(written)
    search.learn(written)
    return actors.principal_behind(actors.sign_in(owner))


def _answer(principal: Principal, text: str) -> Answer:
    found = search.matching(selectors.list_open(principal), text).order_by("-score", "-id")
    ids = found.values_list("id", flat=True)
    return Answer(len(ids), [listing_id.hex[:8] for listing_id in ids[:AT]])


def _listing(owner: User, row: tuple[str, ...]) -> Listing:
    title, labels, organization, location, description = row
    tags = [{"slug": label.lower(), "label": label, "weight": 50} for label in labels.split(", ")]
    return Listing(
        id=uuid5(_OWNER, title),
        owner=owner,
        category=Category.GIG,
        title=title,
        description=description,
        organization=organization,
        location=location,
        expertise_tags=tags,
        tag_words=labels.replace(", ", " "),
    )
