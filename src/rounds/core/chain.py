"""The chain of the books: each entry's seal is a hash of the entry and of the seal before it.

So who changes, removes or slips in an entry has to make every later seal anew, and the last one no longer is what it
was: one line written down elsewhere proves everything before it.
"""

import hashlib
import json
from datetime import datetime

from rounds.core.books import Entry

FIRST = "0" * 64  # what stands before the first entry


def seal(before: str, entry: Entry, booked_at: datetime) -> str:
    """Seal an entry: SHA-256 over the seal before it and everything that the entry says, as JSON; 64 hex digits."""
    said = [
        before,
        entry.key,
        entry.on.isoformat(),
        entry.what,
        entry.client,
        booked_at.isoformat(),
        [[posting.account, posting.amount, posting.commodity] for posting in entry.postings],
    ]
    text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
