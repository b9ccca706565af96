"""Row 23: octets behind the DigestInfo."""

from card_case import CARD, Case, challenge, digest_info, padded

case = Case(__file__)
case.signature(
    CARD.raw(padded(digest_info(challenge()), after=b"garbage")), "Octets behind the DigestInfo."
)
