"""
Sentences of a template put into the shop's language when it is compiled, not at each page.

An environment has one language, so `_("...")` always gives the same words: they become part of the compiled page.
What stands in for %(name)s is written, and escaped, page by page as before.
"""

from __future__ import annotations

import functools
import gettext
import re
from types import CodeType
from typing import TypeGuard, cast

from jinja2 import BytecodeCache, Environment, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer

# The one kind of place that our sentences have, and the percent sign itself.
_PLACES = re.compile(r"%(?:\((\w+)\)s|(%))")


class CompiledPages(BytecodeCache):
    """
    What templates have been compiled to in this process: compiling takes about a second, and buyers would wait for it
    each time that the seller changes her shop.
    """

    def __init__(self) -> None:
        self._code: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put in what the same source has been compiled to."""
        checksum, code = self._code.get(bucket.key, ("", None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what it has been compiled to now."""
        if bucket.code is not None:
            self._code[bucket.key] = bucket.checksum, bucket.code


@functools.cache
def _compiled(_translation: gettext.NullTranslations, _zone: str) -> CompiledPages:
    """Give what has been compiled with these words; a value that a filter makes of a constant is part of it, too."""
    return CompiledPages()


class TranslatedEnvironment(Environment):
    """
    A Jinja environment for one language, with the extension jinja2.ext.i18n.

    Attributes:
        translation: what its sentences are looked up in; set before the first template is loaded.
    """

    translation: gettext.NullTranslations

    def use(self, translation: gettext.NullTranslations, zone: str) -> None:
        """Put every sentence into this language; zone: in which its filters show times."""
        self.translation = translation
        self.bytecode_cache = _compiled(translation, zone)
        # For the sentences that aren't known before the page is: ngettext. Added to the class by the extension, so its
        # types don't know it.
        self.install_gettext_translations(translation, newstyle=True)  # type: ignore[attr-defined]


class _Generator(CodeGenerator):
    """Compiles a template with its sentences in place."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802  as Jinja calls it
        translation = cast("TranslatedEnvironment", self.environment).translation
        super().visit_Template(cast("nodes.Template", _Translator(translation).visit(node)), frame)


TranslatedEnvironment.code_generator_class = _Generator


class _Translator(NodeTransformer):
    """Replaces calls of `_` with a sentence by the words themselves."""

    def __init__(self, translation: gettext.NullTranslations) -> None:
        self._gettext = translation.gettext

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802
        """Lay a sentence with places out as pieces of text with the values between them."""
        written: list[nodes.Expr] = []
        for child in node.nodes:
            pieces = self._pieces(child) if _is_sentence(child) else None
            written += [self.visit(child)] if pieces is None else pieces
        return nodes.Output(written, lineno=node.lineno)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        """Give the words of a sentence that is part of an expression."""
        self.generic_visit(node)
        if not _is_sentence(node):
            return node
        text = nodes.MarkSafeIfAutoescape(nodes.Const(self._said(node)), lineno=node.lineno)
        values = nodes.Dict([nodes.Pair(nodes.Const(item.key), item.value) for item in node.kwargs])
        return nodes.Mod(text, values, lineno=node.lineno)

    def _pieces(self, node: nodes.Call) -> list[nodes.Expr] | None:
        """Give text and values in turn; None for a sentence that only formatting as a whole can do, or refuse."""
        values = {item.key: item.value for item in node.kwargs}
        text = self._said(node)
        if "%" in _PLACES.sub("", text) or {place[1] for place in _PLACES.finditer(text)} - {None, *values}:
            return None
        pieces: list[nodes.Expr] = []
        end = 0
        for place in _PLACES.finditer(text):
            pieces.append(nodes.TemplateData(text[end : place.start()] + (place[2] or "")))
            if place[1]:
                pieces.append(self.visit(values[place[1]]))
            end = place.end()
        return [*pieces, nodes.TemplateData(text[end:])]

    def _said(self, node: nodes.Call) -> str:
        return self._gettext(cast("nodes.Const", node.args[0]).value)


def _is_sentence(node: nodes.Node) -> TypeGuard[nodes.Call]:
    return (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Name)
        and node.node.name == "_"
        and len(node.args) == 1
        and isinstance(node.args[0], nodes.Const)
    )
