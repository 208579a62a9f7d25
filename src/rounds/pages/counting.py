"""Says how many there are of something: one machine, two machines."""


def counted(count: int, nouns: str) -> str:
    """A count and what is counted, named in the plural: 1 of "entries" is 1 entry, 2,000 of "mails" are 2,000 mails."""
    return f"{count:,} {_one_of(nouns) if count == 1 else nouns}"


def _one_of(nouns: str) -> str:
    if nouns.endswith("ies"):
        return f"{nouns.removesuffix('ies')}y"
    return nouns.removesuffix("es") if nouns.endswith("ches") else nouns.removesuffix("s")
