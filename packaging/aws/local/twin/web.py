"""Serves the browser client as CloudFront does: the files, and a config.json
that says where the API is.

usage: web.py PORT FOLDER WEBSOCKET-URL
"""

import functools
import http.server
import json
import sys

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self' {url}; manifest-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Page(http.server.SimpleHTTPRequestHandler):
    url = ""

    def do_GET(self):
        if self.path.partition("?")[0] != "/config.json":
            super().do_GET()
            return
        body = json.dumps({"url": self.url, "subprotocol": True}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self):
        origin = "/".join(self.url.split("/")[:3])
        self.send_header("Content-Security-Policy", POLICY.format(url=origin))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


if __name__ == "__main__":
    port, folder, Page.url = sys.argv[1:]
    handler = functools.partial(Page, directory=folder)
    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler).serve_forever()
