"""A buyer without a mouse: she goes by Tab, and the page has to show her where she is."""

from playwright.sync_api import Error, Frame, Page

#: More Tabs than any page of ours has places.
_PLACES = 90

_IS = "(selector) => document.activeElement?.matches(selector) ?? false"

_WHERE = """
() => {
  const element = document.activeElement;
  if (!element || element === document.body || element.tagName === "IFRAME") return null;
  const words = element.outerHTML.slice(0, 90).replaceAll("\\n", " ");
  // A row of the history is marked around its link, a way to pay around its round button.
  const marked = [[element, ""], [element, "::after"], [element.closest("label") ?? element, ""]];
  const seen = marked.some(([each, part]) => {
    const style = getComputedStyle(each, part);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const box = element.getBoundingClientRect();
  const within = box.top >= -1 && box.left >= -1 && box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1;
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const free = top !== null && (element.contains(top) || top.contains(element) || top.closest("label") !== null);
  const before = window.lastPlace;
  window.lastPlace = element;
  const kept = before?.isConnected && before !== element;
  const back = kept && (before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
  const faults = [];
  if (!seen) faults.push("no mark");
  if (!within) faults.push("out of sight");
  if (!free) faults.push("covered");
  if (back) faults.push("goes back");
  if (element.tabIndex > 0) faults.push("tabindex");
  return { words, faults };
}
"""


class Keyboard:
    """Presses keys on a page, and remembers each place of ours where the reader could not see where she is."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.way: list[str] = []

    def to(self, selector: str) -> None:
        """Press Tab until the focus is on what `selector` names, in the page or in a frame of it."""
        self.page.bring_to_front()
        self.way.clear()
        for _ in range(_PLACES):
            try:
                if self._frame().evaluate(_IS, selector):
                    return
                self.page.wait_for_load_state()  # before its styles are there, a page shows nobody anything
                self.page.keyboard.press("Tab")
                self._look()
            except Error:  # the page under the question has gone: the next one is asked
                self.page.wait_for_load_state()
        raise AssertionError(f"{selector} is not to be reached by Tab: {self.way}")

    def press(self, key: str = "Enter") -> None:
        """Press a key where the focus is."""
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.page.keyboard.type(text)

    def _look(self) -> None:
        """Providers' frames look after their own marks; ours are looked at."""
        found = self.page.main_frame.evaluate(_WHERE)
        if found is None:
            return
        self.way.append(found["words"])
        if found["faults"]:
            self.faults.append(f"{found['words']}: {', '.join(found['faults'])}")

    def _frame(self) -> Frame:
        frame = self.page.main_frame
        while True:
            element = frame.evaluate_handle("document.activeElement").as_element()
            inner = element.content_frame() if element else None
            if inner is None:
                return frame
            frame = inner
