"""Row 29: PEM instead of DER."""

import base64

from card_case import Case, card

case = Case(__file__)
text = base64.encodebytes(card().der())
case.write(
    "certificate.der",
    b"-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n",
)
