"""The accounts that every world has beside its own: those that posts answer, quote and repeat."""

from datetime import UTC, datetime

from x_simulator.accounts import AccountSpec

_START = datetime(2011, 1, 1, tzinfo=UTC)


def outsiders(anchor: datetime) -> tuple[AccountSpec, ...]:
    """Return the accounts that every world has beside its own: those that posts answer, quote and repeat.

    The first two are public; then one is protected and one suspended, so that expansions meet both.
    """
    days = max((anchor - _START).days, 1)
    plain = ("original", "original", "media")

    def outsider(username: str, name: str, per_day: float, kind: str = "active") -> AccountSpec:
        return AccountSpec(
            username,
            name,
            int(days * per_day),
            per_day,
            kind,
            owned=False,
            mix=plain,
            deleted_every=17,
            promoted_every=0,
        )

    return (
        outsider("harbor_notes", "Harbor Notes", 8),
        outsider("tidal_weekly", "Tidal Weekly 🌊", 5),
        outsider("quiet_ledger", "Quiet Ledger", 3, "protected"),
        outsider("loud_kettle", "Loud Kettle", 3, "suspended"),
    )
