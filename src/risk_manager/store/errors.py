"""What can go wrong with the store."""


class StoreUnavailableError(Exception):
    """Nothing can be written or read now (disk full, locked, read-only, gone); what was asked for is kept in memory."""


class SchemaTooNewError(Exception):
    """The database was written by a later version; this one must not touch it."""
