"""Row 35: policy constraints in a root: such a root is not trusted."""

from card_case import GENERATIONS, Case, extension, root
from der import implicit, sequence

case = Case(__file__)
ca = root(GENERATIONS[2])
ca.extensions["constraint"] = extension("2.5.29.36", sequence(implicit(0, b"\x00")))
case.root("generation_3", ca, "A root with policy constraints.")
