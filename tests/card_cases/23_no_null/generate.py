"""Row 23: DigestInfo without the NULL."""

from card_case import CARD, Case, challenge, digest_info, padded

case = Case(__file__)
case.signature(
    CARD.raw(padded(digest_info(challenge(), parameters=b""))), "DigestInfo without the NULL."
)
