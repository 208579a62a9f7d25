"""Who is in the sample shop: its people, its five clients with their machines and contacts, and their agreements."""

from dataclasses import dataclass
from fractions import Fraction

from rounds.core.terms import Monitoring, Plan


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in: of the shop, or at a client."""

    name: str
    email: str
    role: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a client's months go: stints of planned and unplanned work, their minutes, and when he pays."""

    planned: int
    unplanned: int
    minutes: tuple[int, int]
    pays_after_days: int
    parts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Character:
    """One client of the sample shop; `terms` are keywords of a core Agreement besides plan and days."""

    name: str
    kind: str
    plan: Plan
    environment: str
    address: str
    contact: Person
    best_time: str
    machines: tuple[tuple[str, str], ...]
    habits: Habits
    terms: dict[str, object]


SHOP = {
    "name": "Mill Street Computing",
    "address": "14 Mill Street\nPortland, ME 04101",
    "country": "US",
    "tax_number": "00-1234567",
    "email": "office@millstreet.example",
    "phone": "555-0140",
    "bank_details": "Harbor Savings Bank, account 0044 1200 7781",
}

STAFF = (
    Person("Olga Reyes", "olga@millstreet.example", "owner"),
    Person("Theo Brandt", "theo@millstreet.example", "technician"),
    Person("Ines Okafor", "ines@millstreet.example", "technician"),
    Person("Bea Lindqvist", "bea@millstreet.example", "bookkeeper"),
)

NORTHSIDE = Character(
    name="Northside Dental",
    kind="business",
    plan=Plan.SERVICE_AGREEMENT,
    environment="office",
    address="220 North Street\nPortland, ME 04101",
    contact=Person("Nora Whitfield", "nora@northside.example", "contact", "555-0122"),
    best_time="before 8, between patients",
    machines=(
        ("RECEPTION", "workstation"),
        ("SURGERY-1", "workstation"),
        ("SURGERY-2", "workstation"),
        ("XRAY", "workstation"),
    ),
    habits=Habits(2, 4, (20, 110), 12, (("Patch cable, 3 m", 9_50), ("Keyboard, sealed", 64_00))),
    terms={"included_seconds": 8 * 3600, "discount": Fraction(1, 10), "roll_months": 1},
)
HARBOR = Character(
    name="Harbor Logistics",
    kind="business",
    plan=Plan.RETAINER,
    environment="shared",
    address="3 Commercial Wharf\nPortland, ME 04101",
    contact=Person("Hal Jensen", "hal@harborlog.example", "contact", "555-0177"),
    best_time="after the morning loading, from 10",
    machines=(("HL-SRV", "server"), ("HL-DISPATCH", "workstation"), ("HL-GATE", "workstation")),
    habits=Habits(1, 4, (15, 120), 9, (("Disk, 2 TB", 118_00), ("Label printer head", 74_90))),
    terms={"discount": Fraction(1, 10), "low_at_amount": 400_00, "top_up_to": 1_500_00},
)
OAK = Character(
    name="Oak & Sons Joinery",
    kind="business",
    plan=Plan.BLOCK,
    environment="dusty",
    address="Unit 6, Quarry Road\nWestbrook, ME 04092",
    contact=Person("Ola Eriksen", "ola@oakandsons.example", "contact", "555-0164"),
    best_time="lunch, 12 to 1",
    machines=(("OAK-OFFICE", "workstation"), ("OAK-CAD", "workstation"), ("OAK-NAS", "device")),
    habits=Habits(1, 3, (15, 100), 15, (("Filter mat for the server cabinet", 18_00),)),
    terms={"low_at_seconds": 4 * 3600, "monitoring": Monitoring(seconds=2 * 3600), "hours_lapse_months": 24},
)
ELM = Character(
    name="Elm St Law",
    kind="business",
    plan=Plan.CALL_FIRST,
    environment="office",
    address="48 Elm Street\nPortland, ME 04101",
    contact=Person("Eleanor Marsh", "eleanor@elmlaw.example", "contact", "555-0100"),
    best_time="after 10",
    machines=(("ELM-SRV", "server"), ("ELM-PC1", "workstation"), ("ELM-PC2", "workstation"), ("ELM-FW", "device")),
    habits=Habits(0, 1, (15, 60), 21, ()),
    terms={"monitoring": Monitoring(fee=75_00)},
)
MILLERS = Character(
    name="The Millers",
    kind="residential",
    plan=Plan.REACTIVE,
    environment="office",
    address="9 Pine Lane\nSouth Portland, ME 04106",
    contact=Person("Ruth Miller", "ruth@miller.example", "contact", "555-0189"),
    best_time="evenings",
    machines=(("Family PC", "workstation"),),
    habits=Habits(0, 1, (20, 90), 6, ()),
    terms={},
)

CAST = (NORTHSIDE, HARBOR, OAK, ELM, MILLERS)
