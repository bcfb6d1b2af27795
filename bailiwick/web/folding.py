"""What needs no variable is worked out when a template is compiled, once for a language, not once for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.template import Context, Library
from django.template.base import FilterExpression, Node, TextNode, Variable
from django.template.defaulttags import URLNode, url
from django.template.loader_tags import BlockNode, do_include
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode, do_translate
from django.templatetags.static import StaticNode, do_static
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.template.base import NodeList, Parser, Template, Token
    from django.utils.safestring import SafeString

    Compiler = Callable[[Parser, Token], Node]

register = Library()


class Loader(cached.Loader):
    """Keeps compiled templates apart by language: the words already stand in them."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        """The key of Django's loader, and the language."""
        return f"{get_language()} {super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        """The compiled template; what stands in a page as it is written is plain ASCII."""
        template: Template = super().get_template(template_name, skip)
        if template_name.endswith(".html") and not hasattr(template, "is_plain"):
            for node in template.nodelist.get_nodes_by_type(TextNode):
                node.s = as_ascii(node.s)  # type: ignore[attr-defined]
            template.is_plain = True  # type: ignore[attr-defined]
        return template


def as_ascii(html: str) -> str:
    """The same HTML in ASCII. One dash among 80,000 letters makes encoding them take a hundred times as long."""
    return html.encode("ascii", "xmlcharrefreplace").decode()


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


class Inlined(Node):
    """A part of a page that stands in a file of its own: looked up once, and shown with the page's own variables."""

    def __init__(self, nodelist: NodeList, more: Mapping[str, FilterExpression]) -> None:
        self.nodelist, self.more = nodelist, more

    def render(self, context: Context) -> SafeString:
        """The part."""
        if not self.more:
            return self.nodelist.render(context)
        with context.push(**{name: said.resolve(context) for name, said in self.more.items()}):
            return self.nodelist.render(context)


def _include(parser: Parser, token: Token) -> Any:
    """Django looks an included template up each time it is shown, which takes longer than showing most of them."""
    node: Any = do_include(parser, token)
    if node.isolated_context or not _is_literal(node.template):
        return node
    part = parser.origin.loader.engine.get_template(node.template.var)  # type: ignore[union-attr]
    # A block of an included template is its own; among the page's it would be taken for one of theirs.
    return node if part.nodelist.get_nodes_by_type(BlockNode) else Inlined(part.nodelist, node.extra_context)


def _is_literal(expression: FilterExpression) -> bool:
    var = expression.var
    return not expression.filters and (not isinstance(var, Variable) or var.lookups is None)


for _name, _compiler in {"translate": do_translate, "trans": do_translate, "static": do_static, "url": url}.items():
    register.tag(_name, _folding(_compiler))
register.tag("include", _include)
