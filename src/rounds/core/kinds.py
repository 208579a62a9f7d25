"""The words for what a line of an invoice charges for, and for what the shop and the client are told."""

from enum import StrEnum


class Kind(StrEnum):
    """What a line of an invoice charges for (billing-rules.md)."""

    HOURS = "hours"
    FEE = "fee"
    MONITORING = "monitoring"
    OVERAGE = "overage"
    LABOUR = "labour"
    PART = "part"
    INTEREST = "interest"
    TRIP = "trip"  # of a visit on site
    RETAINER = "retainer"
    BROUGHT = "brought"  # what is open on an invoice of the old books (`bringing`)


class NoticeKind(StrEnum):
    """What the shop and the client are told, each once per crossing (billing-rules.md, "Drawing down")."""

    LOW_HOURS = "low-hours"
    HOURS_EMPTY = "hours-empty"
    LOW_RETAINER = "low-retainer"
    HOURS_LAPSED = "hours-lapsed"
    HOURS_LAPSING = "hours-lapsing"
    WORK_NOT_APPROVED = "work-not-approved"
    BLOCK_BOUGHT = "block-bought"  # by itself; the others say why the next one was not (`next_block`)
    NOT_BOUGHT_LATE = "not-bought-late"
    NOT_BOUGHT_ENDING = "not-bought-ending"
    NOT_BOUGHT_RETURNED = "not-bought-returned"
