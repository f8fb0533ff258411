"""One log, whatever happens to the tasks, the tables and the bus."""

from trial import Trial

SENDS = 2000


def test_32_senders_while_everything_fails(services, build, folder):
    figures = Trial(services, build, folder, window=4).run(SENDS)
    print(figures)
    assert figures.acked >= SENDS
    assert not figures.problems(), figures
