"""The server that a test talks to: one chatd, or tasks of one log."""

from drivers.chatd import Chatd

_services = None


def use_cluster(services):
    """From now on servers are several tasks on these services."""
    global _services
    _services = services


def make_server(build, data, **options):
    if _services is None:
        return Chatd(build, data, **options)
    return _services.make_cluster(build, data, **options)
