from datetime import UTC, datetime, timedelta

from x_simulator import SimulatedClock, SystemClock


def test_a_simulated_clock_stands_still_until_it_is_moved() -> None:
    clock = SimulatedClock(datetime(2026, 11, 20, tzinfo=UTC))
    assert clock.time() == clock.time() == datetime(2026, 11, 20, tzinfo=UTC).timestamp()
    clock.advance(1.5)
    clock.sleep(2)
    clock.sleep(-9)
    clock.advance(timedelta(minutes=1))
    assert clock.now() == datetime(2026, 11, 20, 0, 1, 3, 500_000, tzinfo=UTC)


def test_a_system_clock_can_run_ahead_of_real_time() -> None:
    real, ahead = SystemClock(), SystemClock(offset_seconds=100)
    ahead.advance(3_500)
    ahead.sleep(0)
    assert 3_599 < ahead.time() - real.time() < 3_601
