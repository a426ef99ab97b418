"""Templates whose lines stay short where a line break would be seen: between Japanese characters it becomes a space."""

import re

from django.template import Context, Library
from django.template.base import Node, NodeList, Parser, TextNode, Token

register = Library()
_BREAK = re.compile(r"[ \t]*\n[ \t]*")  # an ideographic space is a word of the text


class OneLine(Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        return self.nodelist.render(context)


@register.tag
def oneline(parser: Parser, token: Token) -> OneLine:
    """What stands up to `endoneline` is one line: line breaks of the template, with the spaces around them, are left out. With
    `{% oneline file %}` it is all that follows in the template: a piece that stands in a page a hundred times.

    It is done once, when the template is read; what variables hold and what is included stays as it is.
    """
    if token.split_contents()[1:] == ["file"]:
        nodelist = parser.parse()
    else:
        nodelist = parser.parse(("endoneline",))
        parser.delete_first_token()
    for node in nodelist.get_nodes_by_type(TextNode):
        if isinstance(node, TextNode):
            node.s = _BREAK.sub("", node.s)
    return OneLine(nodelist)
