"""A random script that every kind of client plays at once, and what must hold
when it is over: all show the rooms as the server's log has them."""
