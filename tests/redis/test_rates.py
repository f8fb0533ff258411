"""A user who is at two tasks has the rate of one."""

import contextlib

from drivers.lines import wait_until
from drivers.wire import Wire

# Typing: of a connection, and of a user, at once.
CONNECTION, USER = 20, 40


def heard(task):
    return task.scrape()["chatd_rate_heard_total"]


def type_at_once(wire, count):
    """How often it was let pass."""
    asked = [wire.post("typing", room="lobby") for _ in range(count)]
    return sum("ok" in wire.reply(request) for request in asked)


def test_one_who_spreads_has_the_rate_of_one(strict_pair):
    pair = strict_pair
    with contextlib.ExitStack() as stack:
        # Ann has another connection at her task, and one at Bob's.
        others = [stack.enter_context(contextlib.closing(Wire(t.url))) for t in pair.tasks]
        for wire in others:
            wire.hello("ann", key=pair.ann.guest_key)
        before = heard(pair.tasks[1])
        spent = sum(type_at_once(w, CONNECTION) for w in (pair.ann, others[0]))
        assert spent == USER
        wait_until(lambda: heard(pair.tasks[1]) >= before + spent, "it to be heard")
        # Four come anew in a second.
        assert type_at_once(others[1], CONNECTION) < CONNECTION
        assert type_at_once(pair.bob, CONNECTION) == CONNECTION


def test_without_a_redis_each_task_counts_for_itself(strict_pair):
    pair = strict_pair
    pair.redis.kill()
    pair.wait_lost()
    with contextlib.closing(Wire(pair.tasks[1].url)) as other:
        other.hello("ann", key=pair.ann.guest_key)
        assert type_at_once(pair.ann, CONNECTION) == CONNECTION
        assert type_at_once(other, CONNECTION) == CONNECTION
