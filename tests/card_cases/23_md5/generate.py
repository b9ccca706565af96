"""Row 23: MD5 instead of SHA-256."""

from card_case import CARD, Case, challenge, digest_info, padded

case = Case(__file__)
case.signature(CARD.raw(padded(digest_info(challenge(), "md5"))), "MD5 instead of SHA-256.")
