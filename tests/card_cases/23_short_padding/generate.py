"""Row 23: eight octets of padding, the rest behind the DigestInfo."""

from card_case import CARD, Case, challenge, digest_info, padded

case = Case(__file__)
case.signature(
    CARD.raw(padded(digest_info(challenge()), padding=8)),
    "Eight octets of padding, the rest behind the DigestInfo.",
)
