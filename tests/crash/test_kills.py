"""kill -9 under load: what was acknowledged is there, once, at its place."""

from kills import Kills


def test_ten_kills_lose_and_double_nothing(build, folder):
    figures = Kills(build, folder, seed=1).run(
        kills=10, acks_between=500, verify_each=1
    )
    assert figures.acked > 1000
    assert figures.problems() == 0, f"{figures}\n" + "\n".join(figures.findings[:20])
