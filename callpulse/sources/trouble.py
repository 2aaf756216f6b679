"""What goes wrong outside: one exception per kind, whose message a user can act on."""


class SourceError(Exception):
    """A source that cannot be read (on): what, where, and what to do."""


class MappingError(SourceError):
    """A mapping that is none: the file, the key, and what was expected there."""
