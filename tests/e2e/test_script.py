"""All kinds of clients play a random script and end with the same rooms."""

import pytest
from script.run import Script

STEPS = 300


@pytest.fixture
def script(build, folder, browser, reports):
    opened = Script(build, folder, browser, seed=3, steps=STEPS)
    yield opened
    opened.close()


def test_a_script_with_cuts_and_restarts_ends_with_the_same_rooms(script):
    problems = script.run(compare_each=STEPS)
    assert not problems, "\n".join(problems)
    assert script.figures.kills == 1 and script.figures.restarts == 1
    script.server.stop()
    assert script.verify() == []
