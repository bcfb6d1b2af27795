"""Threads that take turns: one at a time while it is quick, the next one when it is not, and nothing lost."""

import threading
import time
from concurrent.futures import wait

import pytest

from bailiwick.up.turns import PATIENCE, Turns


@pytest.fixture
def turns():
    made = Turns(4)
    yield made
    made.shutdown(wait=False, cancel_futures=True)


def thread_of() -> int:
    return threading.get_ident()


def test_quick_tasks_are_done_one_after_the_other_by_one_thread_in_their_order(turns):
    order, running, most = [], [], []

    def task(number):
        running.append(number)
        most.append(len(running))
        order.append(number)
        running.remove(number)
        return thread_of()

    futures = [turns.submit(task, number) for number in range(500)]
    assert len({future.result(10) for future in futures}) == 1
    assert order == list(range(500))
    assert max(most) == 1


def test_who_is_long_at_it_holds_nobody_up(turns):
    go = threading.Event()
    long = [turns.submit(go.wait, 10) for _ in range(3)]
    assert turns.submit(lambda: "served").result(5) == "served"
    assert not any(future.done() for future in long)
    go.set()
    assert [future.result(5) for future in long] == [True] * 3


def test_while_one_is_long_at_it_the_others_do_not_wait_again_and_again(turns):
    go = threading.Event()
    turns.submit(go.wait, 10)
    turns.submit(thread_of).result(5)
    began = time.monotonic()
    after = [turns.submit(thread_of).result(5) for _ in range(20)]
    assert time.monotonic() - began < 20 * PATIENCE
    assert len(set(after)) == 1
    go.set()


def test_the_thread_that_rested_last_takes_over(turns):
    """So that as few as possible hold a connection and a warm cache."""
    used = set()
    for _round in range(6):
        slow = turns.submit(lambda: (time.sleep(2 * PATIENCE), thread_of())[1])
        used |= {turns.submit(thread_of).result(5), slow.result(5)}
    assert len(used) <= 3


def test_an_error_is_the_askers(turns):
    future = turns.submit(int, "no number")
    with pytest.raises(ValueError, match="no number"):
        future.result(5)
    assert turns.submit(int, "7").result(5) == 7


def test_many_hands_put_in_and_nothing_is_lost(turns):
    def bring():
        return [turns.submit(abs, -number) for number in range(300)]

    results = []
    hands = [threading.Thread(target=lambda: results.extend(bring())) for _ in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(10)
    assert not wait(results, timeout=10).not_done
    assert sum(future.result() for future in results) == 8 * sum(range(300))


def test_at_the_end_what_waits_is_done_and_every_thread_ends():
    for _time in range(200):  # the last task may end before, while or after the others go to rest
        turns = Turns(3)
        futures = [turns.submit(abs, -number) for number in range(50)]
        turns.shutdown(wait=False)
        for thread in turns._threads:
            thread.join(10)
        assert [thread for thread in turns._threads if thread.is_alive()] == []
        assert [future.result(0) for future in futures] == list(range(50))
