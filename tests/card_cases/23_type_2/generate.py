"""Row 23: a block of type 2."""

from card_case import CARD, Case, challenge, digest_info, padded

case = Case(__file__)
case.signature(CARD.raw(b"\x00\x02" + padded(digest_info(challenge()))[2:]), "A block of type 2.")
