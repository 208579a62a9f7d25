"""Which storage of samples this installation uses."""

from django.conf import settings

from rounds.agents.chunks import Chunks
from rounds.agents.storage import Storage
from rounds.agents.victoria import Victoria


def storage() -> Storage:
    """VictoriaMetrics if ROUNDS_VICTORIA names one, else the installation's own database."""
    return Victoria(settings.VICTORIA) if settings.VICTORIA else Chunks()
