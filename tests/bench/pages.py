"""The catalogue in Chromium with an empty cache, on a phone: first contentful paint, and what it transfers.

python -m tests.bench.pages [--quick]
"""

import asyncio
import statistics
import sys

from playwright.sync_api import Browser

from api.core.settings import Settings
from data import demo
from data.demo.accounts import demo_password
from tests.bench.place import install, line, machine, served
from tests.processes import browser

PAINT_MS, MOST_KB = 1000, 150
PHONE = {"width": 390, "height": 844}
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
TRANSFERRED = """
    performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
        .filter((one) => !one.name.includes("/media/")).map((one) => one.transferSize).reduce((a, b) => a + b)
"""


def _once(chromium: Browser, settings: Settings, email: str, language: str) -> tuple[float, float]:
    """(ms, kB) of a browser that has seen nothing but the sign-in."""
    context = chromium.new_context(viewport=PHONE, locale=language)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{settings.api_url}/sign-in?next=/docs")
    page.fill("#email", email)
    page.fill("#password", demo_password(settings))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{settings.api_url}/docs")
    context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.goto(f"{settings.api_url}/catalogue", wait_until="networkidle")
    told = page.evaluate(PAINTED), page.evaluate(TRANSFERRED) / 1000
    context.close()
    return told


def main() -> None:
    machine()
    with install() as settings:
        asyncio.run(demo.load(settings))
        email = next(one.email for one in demo.sign_ins(settings) if one.role == "employee")
        with (
            served(settings, settings.api_port, "/health/ready", "--factory", "api.app:create_app"),
            browser() as chromium,
        ):
            for language in ("en", "de"):
                seen = [_once(chromium, settings, email, language) for _ in range(2 if "--quick" in sys.argv else 7)]
                paint, size = (statistics.median(values) for values in zip(*seen, strict=True))
                line(
                    f"/catalogue, {language}: first contentful paint",
                    f"{paint:.0f} ms",
                    f"{PAINT_MS} ms",
                    paint / PAINT_MS,
                )
                line(f"/catalogue, {language}: own transfer", f"{size:.0f} kB", f"{MOST_KB} kB", size / MOST_KB)


if __name__ == "__main__":
    main()
