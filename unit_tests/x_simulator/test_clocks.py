import threading
import time
from datetime import UTC, datetime, timedelta

from x_simulator import PatientClock, SimulatedClock, SystemClock


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


def test_on_a_patient_clock_those_who_sleep_wait_side_by_side_and_wake_in_order() -> None:
    clock = PatientClock(1000.0, quiet_seconds=0.01)
    woke: list[tuple[float, float]] = []

    def sleeping(seconds: float) -> None:
        clock.sleep(seconds)
        woke.append((seconds, clock.time()))

    threads = [threading.Thread(target=sleeping, args=(seconds,)) for seconds in (30.0, 10.0, 20.0, 10.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert woke == [(10.0, 1010.0), (10.0, 1010.0), (20.0, 1020.0), (30.0, 1030.0)]


def test_a_patient_clock_stands_still_as_long_as_somebody_asks_for_the_time() -> None:
    clock = PatientClock(1000.0, quiet_seconds=0.05)
    sleeper = threading.Thread(target=clock.sleep, args=(10.0,))
    sleeper.start()
    seen = set()
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        seen.add(clock.time())
    sleeper.join()
    assert seen == {1000.0}
    assert clock.time() == 1010.0
