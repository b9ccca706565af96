"""Row 24: by the key of the CA."""

from card_case import GENERATIONS, Case, challenge

case = Case(__file__)
case.signature(GENERATIONS[2].sign(challenge()), "By the key of the CA.")
