"""Row 38: no CRL and a wrong signature: a definite no wins over not knowing."""

from card_case import OTHER_CARD, Case, challenge

case = Case(__file__)
case.signature(OTHER_CARD.sign(challenge()), "By another card.")
