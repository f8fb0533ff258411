"""An API Gateway WebSocket API with HTTP_PROXY integrations, on the loopback.

README.md beside this folder lists what it does and where that is written down.
"""
