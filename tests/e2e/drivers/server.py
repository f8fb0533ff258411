"""What a test talks to, and by what: one chatd, or tasks of one log; a plain
client, or one that lives with what API Gateway does."""

from drivers.chatd import Chatd
from drivers.wire import Wire

_services = None
_wire = Wire


def use_cluster(services):
    """From now on servers are several tasks on these services."""
    global _services
    _services = services


def use_wire(kind):
    """From now on wire clients are of this kind."""
    global _wire
    _wire = kind


def make_server(build, data, any_origin=False, **options):
    """`any_origin`: also a page that comes by another address is welcome."""
    if _services is None:
        return Chatd(build, data, **options)
    return _services.make_cluster(build, data, any_origin=any_origin, **options)


def make_wire(url, **options):
    return _wire(url, **options)
