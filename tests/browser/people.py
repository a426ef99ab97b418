"""People in front of a browser of their own."""

from urllib.parse import urlsplit

PHONE = {"width": 360, "height": 740}


DESK = {"width": 1280, "height": 900}


class Person:
    """Somebody in front of a browser of their own. `page` is Playwright's; problems are collected while it is used."""

    def __init__(self, browser, server, viewport):
        self.server = server
        self.context = browser.new_context(
            base_url=server, viewport=viewport, locale="ja-JP", timezone_id="Asia/Tokyo", accept_downloads=True
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.problems = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message):
        # An answer such as 404 or 409 to a page is logged as an error too; files of the page have no such excuse.
        refused_page = message.text.startswith("Failed to load resource") and "/static/" not in message.location["url"]
        if message.type in ("error", "warning") and not refused_page:
            self.problems.append(f"console: {message.text}")

    def _request(self, request):
        if request.url.startswith("http") and urlsplit(request.url).netloc != urlsplit(self.server).netloc:
            self.problems.append(f"outside: {request.url}")

    def _response(self, response):
        if response.status >= 500:
            self.problems.append(f"{response.status}: {response.url}")

    def go(self, address):
        """Open an address of the site; returns the HTTP status."""
        return self.page.goto(address, wait_until="load").status

    def sign_in(self, username, password="pass"):  # noqa: S107 the password of the whole cast
        self.go("/admin/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.page.click("[type=submit]")
        self.page.wait_for_url("**/admin/")
        return self

    def sideways(self):
        """By how many pixels the page is wider than the screen."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def download(self, address, folder):
        """The file behind an address."""
        answer = self.context.request.get(address)
        assert answer.status == 200
        path = folder / urlsplit(address).path.rpartition("/")[2]
        path.write_bytes(answer.body())
        return path
