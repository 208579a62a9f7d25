"""Which storage of samples this installation uses."""

from django.conf import settings

from rounds.agents.chunks import Chunks
from rounds.agents.storage import Elsewhere, Storage
from rounds.agents.victoria import Victoria


def storage() -> Storage:
    """VictoriaMetrics if ROUNDS_VICTORIA names one, else the installation's own database."""
    return elsewhere() or Chunks()


def elsewhere() -> Elsewhere | None:
    """The storage beside the database, if one is used."""
    return Victoria(settings.VICTORIA) if settings.VICTORIA else None
