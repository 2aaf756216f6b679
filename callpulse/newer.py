"""What a later callpulse stored, and this one does not know: it is neither read by half nor written over."""

WHAT_TO_DO = (
    "Nothing was changed. Run the version of callpulse that wrote it, or a later one; to stay with this version see "
    '"Upgrade and rollback" in docs/OPERATIONS.md'
)


class NewerError(Exception):
    """A stored value of schema version `found`; this program knows those up to `known`."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"schema version {found}; this callpulse knows versions up to {known}")


class NewerStateError(Exception):
    """Why a process ends. `where`: TOPIC/PARTITION/OFFSET and, where there is one, the key."""

    def __init__(self, where: str, cause: NewerError) -> None:
        super().__init__(f"{where}: stored with {cause}. {WHAT_TO_DO}")


def check_not_newer(found: int, known: int) -> None:
    """Raises NewerError."""
    if found > known:
        raise NewerError(found, known)
