"""Row 23: the DigestInfo alone, without any padding."""

from card_case import CARD, Case, challenge, digest_info

case = Case(__file__)
case.signature(
    CARD.raw(digest_info(challenge()).rjust(256, b"\x00")),
    "The DigestInfo alone, without any padding.",
)
