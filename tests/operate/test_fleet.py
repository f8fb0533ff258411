"""Everybody's messages arrive once and in order though servers follow each
other; what it cost is printed, and nothing passes or fails by it."""

import pytest
from fleet import Fleet, through_hand_overs, through_restarts
from running import Manager, Running


@pytest.fixture
def crew(build):
    fleets = []

    def make(url):
        fleets.append(Fleet(build, url, clients=200, rooms=4))
        return fleets[-1]

    yield make
    for fleet in fleets:
        fleet.kill()


def test_a_fleet_through_hand_overs_and_reloads(build, folder, crew):
    server = Running(build, folder / "data")
    server.start()
    try:
        fleet = crew(server.url)
        for server in through_hand_overs(server, fleet, times=2):
            pass
        print(fleet.end())
    finally:
        server.stop()


def test_a_fleet_through_restarts_behind_one_socket(build, folder, crew):
    manager = Manager(build, folder)
    try:
        manager.start()
        fleet = crew(manager.url)
        through_restarts(manager, fleet, times=1)
        print(fleet.end())
    finally:
        manager.close()
