"""Row 23: the bare hash without DigestInfo."""

import hashlib

from card_case import CARD, Case, challenge, padded

case = Case(__file__)
case.signature(
    CARD.raw(padded(hashlib.sha256(challenge()).digest())), "The bare hash without DigestInfo."
)
