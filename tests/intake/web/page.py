"""An HTML page as a browser without scripts sees it: elements by id, and forms with what they would post."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element: its tag, attributes and the text within it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Form:
    """A form and the fields that its button would post now."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """A parsed page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.forms: list[Form] = []
        self._open: list[Element] = []
        self._select: str | None = None
        # A chosen option without a value: its text is what is posted.
        self._unvalued: Element | None = None
        # As the HTML standard reads its input.
        self.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
        self.close()

    @property
    def ids(self) -> dict[str, Element]:
        """Give id -> element."""
        return {element.attributes["id"]: element for element in self.elements if "id" in element.attributes}

    @property
    def title(self) -> str:
        """Give the page's title."""
        return next(element.text for element in self.elements if element.tag == "title").strip()

    @property
    def links(self) -> list[str]:
        """Give the addresses of all links."""
        return [element.attributes.get("href", "") for element in self.elements if element.tag == "a"]

    def form(self, action_ending: str) -> Form:
        """Give the first form whose address ends like this."""
        return next(form for form in self.forms if form.action.endswith(action_ending))

    def has_form(self, action_ending: str) -> bool:
        """Say whether there is one."""
        return any(form.action.endswith(action_ending) for form in self.forms)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag, attributes)
        self.elements.append(element)
        if tag == "form":
            self.forms.append(Form(attributes.get("action", ""), attributes.get("method", "get")))
        if tag not in VOID:
            self._open.append(element)
        name = attributes.get("name", "")
        if tag == "select":
            self._select = name
        if not self.forms or (not name and tag != "option"):
            return
        fields = self.forms[-1].fields
        if tag == "input":
            checkable = attributes.get("type") in {"radio", "checkbox"}
            if not checkable or "checked" in attributes:
                fields[name] = attributes.get("value", "on" if checkable else "")
        elif tag == "button" and name:
            fields[name] = attributes.get("value", "")
        elif tag == "option" and self._select is not None and ("selected" in attributes or self._select not in fields):
            fields[self._select] = attributes.get("value", "")
            self._unvalued = element if "value" not in attributes else None

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            element = self._open.pop()
            if element.tag == "textarea" and self.forms:
                # A browser drops one line break after the tag.
                self.forms[-1].fields[element.attributes.get("name", "")] = element.text.removeprefix("\n")
            if element is self._unvalued and self._select is not None:
                self.forms[-1].fields[self._select] = element.text.strip()
                self._unvalued = None
            if element.tag == tag:
                break
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data
