"""Row 24: by another card, with the first card's certificate."""

from card_case import OTHER_CARD, Case, challenge

case = Case(__file__)
case.signature(OTHER_CARD.sign(challenge()), "By another card, with the first card's certificate.")
