"""Tags without a variable are worked out when a template is compiled, once for a language, not once for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.template import Context, Library
from django.template.base import FilterExpression, TextNode, Variable
from django.template.defaulttags import URLNode, url
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode, do_translate
from django.templatetags.static import StaticNode, do_static
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.template.base import Node, Parser, Token

    Compiler = Callable[[Parser, Token], Node]

register = Library()


class Loader(cached.Loader):
    """Keeps compiled templates apart by language: the words already stand in them."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        """The key of Django's loader, and the language."""
        return f"{get_language()} {super().cache_key(template_name, skip)}"


def _folding(compiler: Compiler) -> Compiler:
    def compiled(parser: Parser, token: Token) -> Node:
        node = compiler(parser, token)
        return TextNode(node.render(Context())) if _is_constant(node) else node

    return compiled


def _is_constant(node: Any) -> bool:
    """Whether the node says the same on every page; a result that is kept under a name is left alone."""
    if isinstance(node, TranslateNode):
        return _is_literal(node.filter_expression) and not (node.asvar or node.message_context)
    if isinstance(node, StaticNode):
        return _is_literal(node.path) and node.varname is None
    if isinstance(node, URLNode):
        return _is_literal(node.view_name) and not (node.args or node.kwargs or node.asvar)
    return False


def _is_literal(expression: FilterExpression) -> bool:
    var = expression.var
    return not expression.filters and (not isinstance(var, Variable) or var.lookups is None)


for _name, _compiler in {"translate": do_translate, "trans": do_translate, "static": do_static, "url": url}.items():
    register.tag(_name, _folding(_compiler))
