"""Take every assert and every check out of the code with an AST transformer."""

from tests.hostile.attack import Attack

SHARE = """\
import ast

class Strip(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()

    def visit_Expr(self, node):
        return ast.Pass() if isinstance(node.value, ast.Call) else node

get_ipython().ast_transformers.append(Strip())
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
