"""The page in headless Chromium, used as a person does: by roles and labels."""

import os
import re

from drivers.lines import DEADLINE
from playwright.sync_api import Error, expect, sync_playwright

DEBIAN_CHROMIUM = "/usr/bin/chromium"
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MILLISECONDS = DEADLINE * 1000


class Page:
    def __init__(self, page, context):
        self.page = page
        self._context = context
        self.problems = []  # what the page wrote to its console as an error
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def sign_in(self, name):
        self.page.get_by_role("textbox", name="Display name").fill(name)
        self.page.get_by_role("button", name="Start chatting").click()
        expect(self._composer()).to_be_visible(timeout=MILLISECONDS)

    def _composer(self):
        return self.page.get_by_role("textbox", name=re.compile("^Message"))

    def log(self):
        return self.page.get_by_role("log", name="Messages")

    def log_text(self):
        return self.log().inner_text()

    def say(self, text):
        self._composer().fill(text)
        self._composer().press("Enter")

    def wait_for(self, text, seconds=DEADLINE):
        expect(self.log()).to_contain_text(text, timeout=seconds * 1000)

    def screenshot(self, path):
        self.page.screenshot(path=path)

    def close(self):
        self._context.close()
        assert not self.problems, self.problems


class Browser:
    def __init__(self):
        self._playwright = sync_playwright().start()
        installed = DEBIAN_CHROMIUM if os.path.exists(DEBIAN_CHROMIUM) else None
        self._browser = self._playwright.chromium.launch(
            executable_path=installed, headless=True, args=OPTIONS
        )

    def open(self, url, **options):
        """A page in a profile of its own, which nobody has used before."""
        context = self._browser.new_context(**options)
        context.set_default_timeout(MILLISECONDS)
        page = Page(context.new_page(), context)
        page.page.goto(url)
        return page

    def close(self):
        try:
            self._browser.close()
        except Error:
            pass  # it is gone already
        self._playwright.stop()
