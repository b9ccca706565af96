"""Row 23: SHA-384, which is not in the table of algorithms."""

from card_case import CARD, Case, challenge, digest_info, padded

case = Case(__file__)
case.signature(
    CARD.raw(padded(digest_info(challenge(), "sha384"))),
    "SHA-384, which is not in the table of algorithms.",
)
