"""Row 23: DigestInfo that says SHA-1 over a SHA-256 hash."""

from card_case import CARD, Case, challenge, digest_info, padded

case = Case(__file__)
case.signature(
    CARD.raw(padded(digest_info(challenge(), labelled="sha1"))),
    "DigestInfo that says SHA-1 over a SHA-256 hash.",
)
