"""Row 24: by the same card's signing key."""

from card_case import CARD_SIGNING, Case, challenge

case = Case(__file__)
case.signature(CARD_SIGNING.sign(challenge()), "By the same card's signing key.")
