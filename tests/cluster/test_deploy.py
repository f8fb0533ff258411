"""Tasks are replaced one after the other, and nobody notices."""

import pytest
from cluster import NAMES
from fleet import Fleet
from talker import Talker

ROUNDS = 2


@pytest.fixture
def fleet(build):
    fleets = []

    def start(url):
        fleets.append(Fleet(build, url, clients=60, rooms=3))
        return fleets[-1]

    yield start
    for each in fleets:
        each.kill()


@pytest.fixture
def talk():
    talkers = []

    def start(*arguments):
        talkers.append(Talker(*arguments))
        return talkers[-1]

    yield start
    for talker in talkers:
        talker.close()


def test_a_rolling_restart_loses_nothing(start_cluster, fleet, talk, sign_in):
    cluster = start_cluster(options=("--drain-spread", "1"))
    crew = fleet(cluster.url)
    crew.wait_joined()
    talkers = [talk(cluster.url, "lobby", f"talker-{number}") for number in range(4)]
    for _ in range(ROUNDS):
        for name in NAMES:
            cluster.replace(name)
    said = [talker.end() for talker in talkers]
    print(crew.end(), {"said": sum(map(len, said))})

    log = sign_in(cluster, "reader", room="lobby").log("lobby")
    at = {entry["seq"]: entry.get("text") for entry in log}
    assert list(at) == list(range(1, len(log) + 1))
    texts = [entry["text"] for entry in log if "text" in entry]
    assert len(texts) == sum(map(len, said))
    for talker, lines in zip(talkers, said):
        assert talker.moves >= ROUNDS
        assert all(at[seq] == text for text, seq in lines.items())
        first = talker.seen[0]
        assert talker.seen == list(range(first, talker.seen[-1] + 1))
