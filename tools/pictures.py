#!/usr/bin/env python3
"""The pictures of the README, from a real run; ./dev pictures.

A chatd, people who talk through chat-tui --headless, one who sits at a
terminal and one at the page. The terminal's screen goes through aha to HTML,
so that the browser can draw it.
"""

import contextlib
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from drivers.browser import Browser  # noqa: E402
from drivers.chatd import Chatd  # noqa: E402
from drivers.programs import Headless  # noqa: E402
from drivers.terminal import Terminal  # noqa: E402

IMAGES = ROOT / "docs/images"
COLUMNS, ROWS = 112, 27

TALK = [
    ("lobby", "nora", "morning! the tide table for Thursday is up"),
    ("lobby", "ines", "thanks — low water is 06:40, so we leave at five?"),
    ("lobby", "nora", "five is fine, I bring coffee ☕"),
    ("lobby", "kenji", "Olá, I'm in. Can someone take the second camera?"),
    ("lobby", "ines", "I can. Charging both batteries tonight."),
    ("boats", "kenji", "the new rudder pin fits"),
    ("boats", "nora", "finally!"),
    ("photos", "ines", "200 from last week sorted"),
    ("lobby", "nora", "meet at the harbour wall, north end, by the blue crane"),
]
PAGE_SAYS = "@tom great! I come by bike, save me a cup 🙂"
TERMINAL_SAYS = "count me in. I have the spare tripod, and the long lens if anybody wants it"

TERMINAL_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #16181d; }}
main {{ display: inline-block; padding: 18px 22px; background: #16181d; }}
pre {{ margin: 0; color: #d8dae0; font: 15px/20px "DejaVu Sans Mono"; }}
</style><main>{}</main>"""


def draw_terminal(browser, terminal, folder):
    ansi = terminal.screen(colours=True)
    pre = subprocess.run(
        ["aha", "--no-header", "--black"],
        input=ansi, capture_output=True, check=True, text=True,
    ).stdout
    html = folder / "terminal.html"
    html.write_text(TERMINAL_PAGE.format(f"<pre>{pre}</pre>"))
    page = browser.open(html.as_uri(), device_scale_factor=2)
    page.page.locator("main").screenshot(path=IMAGES / "tui.png")
    page.close()


def talk(build, folder, server, leave):
    """Everybody says their lines, in order."""
    people = {}
    for room, name, text in TALK:
        if (room, name) not in people:
            home = folder / f"{name}-{room}"
            person = Headless(build, home, server.url, room, name)
            leave.callback(person.kill)
            people[room, name] = person
        people[room, name].say(text)
        people[room, name].wait_sent()


def take(build, folder, leave):
    server = Chatd(build, folder / "data")
    server.start()
    leave.callback(server.stop)
    browser = Browser()
    leave.callback(browser.close)
    command = [build / "client/chat-tui", server.url, "--name", "tom"]
    terminal = Terminal(folder / "tom", command, COLUMNS, ROWS)
    leave.callback(terminal.close)
    terminal.wait_for("#lobby")
    for room in ("boats", "photos", "lobby"):
        terminal.say(f"/join {room}")
        terminal.wait_for(f"#{room}")
    page = browser.open(
        server.page_url, viewport={"width": 1100, "height": 700}, device_scale_factor=2
    )
    page.sign_in("maya")
    talk(build, folder, server, leave)
    terminal.wait_for("harbour wall")
    terminal.say("/react 👍")
    terminal.wait_for("👍 1")
    terminal.say(TERMINAL_SAYS)
    page.wait_for("spare tripod")
    page.say(PAGE_SAYS)
    terminal.wait_for("save me a cup")
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(IMAGES / "page.png")
    page.close()
    draw_terminal(browser, terminal, folder)


def main():
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as leave:
        take(ROOT / "build", pathlib.Path(folder), leave)


if __name__ == "__main__":
    main()
