"""A lease has one holder at a time, and a holder that was overtaken finds out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from syncd.errors import LeaseLost
from syncd.state import leases
from syncd.state.db import Connection, Database
from syncd.state.records import Lease
from tests.databases import NOON
from tests.state.samples import MINUTE

LATER = NOON + MINUTE


def taken(conn: Connection, name: str, holder: str, now: datetime, ttl: timedelta = MINUTE) -> Lease:
    """Return the lease, which must be free for this holder."""
    lease = leases.acquire(conn, name, holder, now, ttl)
    assert lease is not None
    return lease


def test_free_lease_is_taken(db: Database) -> None:
    """A lease nobody has is taken with token 1, and named to whoever asks."""
    with db.write() as conn:
        lease = taken(conn, "pull:main", "a", NOON)
        assert lease == Lease("pull:main", "a", 1, LATER)
        assert leases.holder(conn, "pull:main", NOON) == lease
        leases.assert_held(conn, lease)


def test_held_lease_is_not_taken(db: Database) -> None:
    """Another's lease is refused until the very moment it runs out; then the token rises."""
    with db.write() as conn:
        first = taken(conn, "pull:main", "a", NOON)
        assert leases.acquire(conn, "pull:main", "b", LATER - MINUTE / 60, MINUTE) is None
        assert taken(conn, "push:shop", "b", NOON).token == 1
        second = taken(conn, "pull:main", "b", LATER)
        assert (second.holder, second.token) == ("b", 2)
        with pytest.raises(LeaseLost, match="taken over pull:main"):
            leases.assert_held(conn, first)


def test_own_lease_is_taken_again(db: Database) -> None:
    """Its holder may take a lease again, with the same token and a new end."""
    with db.write() as conn:
        taken(conn, "pull:main", "a", NOON)
        again = taken(conn, "pull:main", "a", LATER)
    assert again == Lease("pull:main", "a", 1, LATER + MINUTE)


def test_renewed_lease_lives_longer(db: Database) -> None:
    """A heartbeat moves the end, even of a lease that has run out, as long as nobody took it."""
    with db.write() as conn:
        lease = taken(conn, "pull:main", "a", NOON)
        assert leases.holder(conn, "pull:main", LATER) is None
        lease = leases.renew(conn, lease, LATER, MINUTE)
        assert leases.holder(conn, "pull:main", LATER) == lease
        assert lease.until == LATER + MINUTE


def test_lost_lease_is_not_renewed(db: Database) -> None:
    """A holder that was overtaken is told so at its next heartbeat, and cannot release what is another's."""
    with db.write() as conn:
        old = taken(conn, "pull:main", "a", NOON)
        new = taken(conn, "pull:main", "b", LATER)
        with pytest.raises(LeaseLost):
            leases.renew(conn, old, LATER, MINUTE)
        leases.release(conn, old)
        assert leases.holder(conn, "pull:main", LATER) == new


def test_released_lease_is_free_and_its_token_rises(db: Database) -> None:
    """After a release anybody may take the lease, and even the same holder gets a new token."""
    with db.write() as conn:
        old = taken(conn, "pull:main", "a", NOON)
        leases.release(conn, old)
        assert leases.holder(conn, "pull:main", NOON) is None
        assert taken(conn, "pull:main", "a", NOON).token == 2
        with pytest.raises(LeaseLost):
            leases.assert_held(conn, old)


def test_wanted_lease_is_known_to_its_holder(db: Database) -> None:
    """Who waits for a lease is noticed by its holder, and by nobody else's, until the waiting is over."""
    with db.write() as conn:
        lease = taken(conn, "pull:main", "a", NOON)
        other = taken(conn, "push:shop", "b", NOON)
        assert not leases.is_wanted(conn, lease, NOON)
        leases.want(conn, "pull:main", LATER)
        assert leases.is_wanted(conn, lease, NOON)
        assert leases.is_wanted(conn, lease, LATER - MINUTE / 60)
        assert not leases.is_wanted(conn, lease, LATER)
        assert not leases.is_wanted(conn, other, NOON)
        leases.want(conn, "pull:main", LATER + MINUTE)
        assert leases.is_wanted(conn, lease, LATER)


def test_wanting_takes_nothing_away(db: Database) -> None:
    """A lease that is waited for stays its holder's, and a lease nobody ever had is not made by waiting."""
    with db.write() as conn:
        lease = taken(conn, "pull:main", "a", NOON)
        leases.want(conn, "pull:main", LATER)
        leases.want(conn, "post:main", LATER)
        leases.assert_held(conn, lease)
        assert leases.holder(conn, "pull:main", NOON) == lease
        assert leases.holder(conn, "post:main", NOON) is None
        assert leases.acquire(conn, "pull:main", "b", NOON, MINUTE) is None


def test_living_holders_are_listed(db: Database) -> None:
    """Those who hold a lease that has not run out are alive."""
    with db.write() as conn:
        taken(conn, "pull:main", "a", NOON)
        taken(conn, "push:shop", "b", NOON, 2 * MINUTE)
        leases.release(conn, taken(conn, "post:main", "c", NOON, 3 * MINUTE))
        assert leases.live_holders(conn, NOON) == {"a", "b"}
        assert leases.live_holders(conn, LATER) == {"b"}


def test_of_many_at_once_one_gets_it(db: Database) -> None:
    """Eight threads that want the same lease at the same moment: one gets it."""

    def want(number: int) -> Lease | None:
        with db.write() as conn:
            return leases.acquire(conn, "pull:main", f"holder {number}", NOON, MINUTE)

    with ThreadPoolExecutor(8) as pool:
        got = [lease for lease in pool.map(want, range(8)) if lease]
    assert len(got) == 1
