"""Row 35: name constraints in a root: such a root is not trusted."""

from card_case import C, GENERATIONS, Case, extension, name, root
from der import explicit, sequence

case = Case(__file__)
ca = root(GENERATIONS[2])
ca.extensions["constraint"] = extension(
    "2.5.29.30", sequence(explicit(0, sequence(explicit(4, name((C, "JP")))))), critical=True
)
case.root("generation_3", ca, "A root with name constraints.")
