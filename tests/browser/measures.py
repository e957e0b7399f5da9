"""What a page costs and how it bears a narrow screen, measured on the page that is open."""

import gzip
import json
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Page

#: 1280 CSS pixels at 400 %: what WCAG 1.4.10 asks a page to bear.
ZOOMED = {"width": 320, "height": 256}
#: A phone with letters twice as large, which is a page half as wide.
LARGE_LETTERS = {"width": 195, "height": 422}

#: Bytes of a page of ours with all its files, compressed; what providers load is theirs.
PAGE_BYTES = 60_000
#: Layout shift, as browsers sum it up.
SHIFT = 0.02

#: Sums up what moves without the reader's doing, and lists the files; goes into a context before its pages.
WATCH = """
window.readFiles = performance.getEntriesByType.bind(performance, "resource");  // a scene may stop the clock
window.shifted = 0;
const add = (entries) => {
  for (const entry of entries) if (!entry.hadRecentInput) window.shifted += entry.value;
};
const observer = new PerformanceObserver((list) => add(list.getEntries()));
observer.observe({ type: "layout-shift", buffered: true });
window.readShift = () => { add(observer.takeRecords()); return window.shifted; };
"""

#: The forms that a second press would send again. Language, currency and log-out mean the same twice; a form that is
#: held back without a connection is sent by no press.
TWICE = """
() => [...document.querySelectorAll("form[method=post]")].filter((form) => {
  if (["/language", "/currency", "/logout"].includes(new URL(form.action).pathname)) return false;
  const press = () => form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  return !("once" in form.dataset) || (press() && press());
}).map((form) => form.outerHTML.slice(0, 120))
"""

#: Buttons that can be seen and pressed, and that nothing but a script would answer.
DEAD = """
() => [...document.querySelectorAll("button")].filter((button) => button.checkVisibility() && !button.disabled
  && (button.type !== "submit" || !button.form)).map((button) => button.outerHTML.slice(0, 120))
"""

_STATIC = """
() => window.readFiles().map((entry) => entry.name)
  .filter((name) => name.startsWith(location.origin + "/static/"))
"""

# Text that leaves the screen or the box that hides what stands out of it, and text that lies on other text.
# What can be scrolled is not cut off. Rows of text may touch: only the middle of a line counts.
_NARROW = """
() => {
  const found = [];
  const width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth;
  if (wide > width) found.push(`scrolls sideways: ${wide} of ${width}`);
  const style = (element) => getComputedStyle(element);
  const cut = (rect, box) => rect.left < box.left - 1 || rect.right > box.right + 1;
  const holds = (element, kinds) => kinds.includes(style(element).overflowX);
  const above = (element) => {
    const all = [];
    for (let each = element; each && each !== document.body; each = each.parentElement) all.push(each);
    return all;
  };
  const check = (element, rect, words) => {
    for (const each of above(element)) {
      if (holds(each, ["auto", "scroll"])) return;
      if (holds(each, ["hidden", "clip"]) && cut(rect, each.getBoundingClientRect())) {
        found.push(`cut off by ${each.tagName}.${each.getAttribute("class")}: ${words}`);
      }
    }
    if (cut(rect, { left: 0, right: width })) found.push(`outside the screen: ${words}`);
  };
  const lines = [], texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const words = walker.currentNode.data.trim().slice(0, 60);
    if (!words || element.closest(".only-read, .skip, template, noscript, script, option")) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest(".table thead") && style(element.closest("thead")).position === "absolute") continue;
    texts.push({ element, text: walker.currentNode });
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const rect of range.getClientRects()) {
      if (rect.width < 2 || rect.height < 2) continue;
      check(element, rect, words);
      lines.push({ element, words, rect, top: rect.top + rect.height / 4, bottom: rect.bottom - rect.height / 4 });
    }
  }
  // A short word that is broken has no room; codes and addresses may break anywhere.
  for (const { element, text } of texts) {
    if (element.closest(".code, pre, a[href^='mailto']")) continue;
    for (const word of text.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      if (word[0].length > 12) continue;
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const tops = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top)));
      if (tops.size > 1) found.push(`broken: ${word[0]}`);
    }
  }
  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, iframe, svg")) {
    if (control.checkVisibility() && !control.closest(".skip")) {
      check(control, control.getBoundingClientRect(), control.outerHTML.slice(0, 60));
    }
  }
  for (const [number, one] of lines.entries()) {
    for (const other of lines.slice(number + 1)) {
      const across = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      const along = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 2 && along > 2) found.push(`on each other: ${one.words} | ${other.words}`);
    }
  }
  return found;
}
"""

_sizes: dict[str, int] = {}


def narrow_faults(page: Page, size: dict[str, int] = ZOOMED) -> list[str]:
    """What a reader at 400 %, or on a screen of another size, could not read; leaves the page that narrow."""
    page.set_viewport_size(size)  # type: ignore[arg-type]
    found: list[str] = page.evaluate(_NARROW)
    return found


def shift(page: Page) -> float:
    """How far things have moved by themselves since this page began to load."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return float(page.evaluate("readShift()"))


def own_bytes(page: Page) -> dict[str, int]:
    """Bytes of the page and of each file of ours that it loaded, compressed, by path."""
    sizes = {"the page": len(gzip.compress(page.content().encode()))}
    for url in page.evaluate(_STATIC):
        path = urlsplit(url).path
        if path not in _sizes:
            _sizes[path] = len(gzip.compress(requests.get(url, timeout=10).content))
        sizes[path] = _sizes[path]
    return sizes


def shown(sizes: dict[str, int]) -> str:
    """The largest first, for a person who has to make it smaller."""
    return json.dumps(dict(sorted(sizes.items(), key=lambda each: -each[1])))
