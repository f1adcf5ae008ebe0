"""The machine's clocks, as the program sees them."""

from datetime import UTC, datetime, timedelta

from kiosk.clock import SystemClock


def test_the_wall_clock_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= before + timedelta(seconds=30)
    assert now.utcoffset() == timedelta(0)


def test_the_monotonic_clock_never_goes_back() -> None:
    clock = SystemClock()
    times = [clock.monotonic_ns() for _ in range(1_000)]
    assert times == sorted(times)
    assert times[-1] > times[0] > 0


def test_the_boot_id_is_the_same_until_the_machine_starts_again() -> None:
    assert SystemClock().boot_id
    assert SystemClock().boot_id == SystemClock().boot_id
