"""What the card cases are made of: keys, certificates, CRLs and the files of a case.

A case is a directory beside this file: expect.json, written by hand, says what the verdict must be;
generate.py makes whatever of certificate, signature, roots and CRLs differs from the directory
`shared`, which stands in for the rest. Nothing here reads the clock or draws a random number: the
same sources give the same octets (PKCS#1 v1.5 signatures are deterministic).
"""

import base64
import hashlib
import pathlib
import shutil

from cryptography.hazmat.primitives import serialization

from der import (
    ENUMERATED,
    PRINTABLE,
    UTF8,
    bit_string,
    boolean,
    explicit,
    implicit,
    integer,
    later,
    null,
    octet_string,
    oid,
    sequence,
    set_of,
    time,
    tlv,
)

HERE = pathlib.Path(__file__).resolve().parent

# ---------------------------------------------------------------- names, algorithms, keys

CN, OU, O, C = "2.5.4.3", "2.5.4.11", "2.5.4.10", "2.5.4.6"
AGENCY = "Japan Agency for Local Authority Information Systems"


def attribute(kind, value):
    """One attribute; text is UTF-8 (a country: PrintableString), octets are an element as is."""
    if isinstance(value, str):
        value = tlv(PRINTABLE if kind == C else UTF8, value)
    return sequence(oid(kind), value)


def name(*pairs):
    return sequence(*(set_of(attribute(kind, value)) for kind, value in pairs))


AUTHENTICATION_CA = name((C, "JP"), (O, "JPKI"), (OU, "JPKI for user authentication"), (OU, AGENCY))
SIGNING_CA = name((C, "JP"), (O, "JPKI"), (OU, "JPKI for digital signature"), (OU, AGENCY))
CARD_HOLDER = name((C, "JP"), (CN, "7K2M9Q4RAW8ZTB13103001A"))


def city(code):
    """The distribution point (a GeneralName) of a municipality."""
    return explicit(
        4,
        name(
            (C, "JP"),
            (O, "JPKI"),
            (OU, AGENCY),
            (OU, "CRL Distribution Points"),
            (OU, f"Prefecture-{code[:2]}"),
            (CN, f"City-{code} CRLDP"),
        ),
    )


HOME, AWAY = city("13103"), city("27128")

HASHES = {
    "md5": ("1.2.840.113549.2.5", "1.2.840.113549.1.1.4"),
    "sha1": ("1.3.14.3.2.26", "1.2.840.113549.1.1.5"),
    "sha256": ("2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11"),
    "sha384": ("2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12"),
}


def rsa_with(digest):
    """The AlgorithmIdentifier of RSA PKCS#1 v1.5 with a digest."""
    return sequence(oid(HASHES[digest][1]), null())


def digest_info(message, digest="sha256", labelled=None, parameters=None):
    """DigestInfo; `labelled` names another digest than the one computed."""
    label = sequence(
        oid(HASHES[labelled or digest][0]), null() if parameters is None else parameters
    )
    return sequence(label, octet_string(hashlib.new(digest, message).digest()))


def rsa_spki(modulus, exponent=65537):
    return sequence(
        sequence(oid("1.2.840.113549.1.1.1"), null()),
        bit_string(sequence(integer(modulus), integer(exponent))),
    )


class Key:
    """An RSA key of the folder `keys`."""

    def __init__(self, file):
        pem = (HERE / "keys" / f"{file}.pem").read_bytes()
        self.file = file
        self.private = serialization.load_pem_private_key(pem, None)
        numbers = self.private.private_numbers()
        self.n, self.e, self.d = numbers.public_numbers.n, numbers.public_numbers.e, numbers.d

    def spki(self):
        return rsa_spki(self.n, self.e)

    def identifier(self):
        return hashlib.sha256(self.spki()).digest()[:20]

    def raw(self, block):
        """The private operation on a block of at most 256 octets."""
        return pow(int.from_bytes(block, "big"), self.d, self.n).to_bytes(256, "big")

    def sign(self, message, digest="sha256"):
        return self.raw(padded(digest_info(message, digest)))


def padded(inside, padding=None, after=b""):
    """A PKCS#1 v1.5 block of type 1; `padding` is how many FF stand in it (all that fit)."""
    if padding is None:
        padding = 256 - 3 - len(inside) - len(after)
    block = b"\x00\x01" + b"\xff" * padding + b"\x00" + inside + after
    return block.ljust(256, b"\x00")


# ---------------------------------------------------------------- certificates and CRLs


def extension(dotted, value, critical=False):
    return sequence(oid(dotted), boolean() if critical else b"", octet_string(value))


def key_usage(*bits, critical=True):
    """Bits by number: 0 digitalSignature, 1 nonRepudiation, 5 keyCertSign, 6 cRLSign."""
    octets = bytearray(max(bits) // 8 + 1)
    for bit in bits:
        octets[bit // 8] |= 0x80 >> bit % 8
    return extension("2.5.29.15", bit_string(bytes(octets), 7 - max(bits) % 8), critical)


def policies(*dotted):
    return extension("2.5.29.32", sequence(*(sequence(oid(one)) for one in dotted)))


def authority_key_id(key):
    return extension("2.5.29.35", sequence(implicit(0, key.identifier())))


def distribution_point(general_name):
    return extension("2.5.29.31", sequence(sequence(explicit(0, explicit(0, general_name)))))


def basic_constraints(ca=True):
    return extension("2.5.29.19", sequence(boolean() if ca else b""), critical=True)


UNKNOWN = "1.2.392.200149.8.5.99.1"  # an extension that nobody knows
CARD_POLICY = "1.2.392.200149.8.5.1.3.30"


class Certificate:
    """A certificate by its parts, each DER, so that a case replaces what it is about."""

    def __init__(self, key, issuer_key, issuer=AUTHENTICATION_CA):
        self.version = explicit(0, integer(2))
        self.serial = integer(0x07A12345)
        self.issuer = issuer
        self.valid = ("2025-10-27T02:30:00Z", "2030-02-17T14:59:59Z")  # instants or elements
        self.subject = CARD_HOLDER
        self.spki = key.spki()
        self.extensions = {}
        self.issuer_key = issuer_key
        self.digest = "sha256"
        self.inner_algorithm = self.outer_algorithm = None  # None: that of the digest
        self.after_extensions = b""

    def der(self):
        algorithm = rsa_with(self.digest)
        tbs = sequence(
            self.version,
            self.serial,
            self.inner_algorithm or algorithm,
            self.issuer,
            sequence(*(t if isinstance(t, bytes) else time(t) for t in self.valid)),
            self.subject,
            self.spki,
            explicit(3, sequence(*self.extensions.values())) if self.extensions else b"",
            self.after_extensions,
        )
        signature = bit_string(self.issuer_key.sign(tbs, self.digest))
        return sequence(tbs, self.outer_algorithm or algorithm, signature)


def card(key=None, issuer_key=None):
    """A good user-authentication certificate of generation 3."""
    issuer_key = issuer_key or GENERATIONS[2]
    made = Certificate(key or CARD, issuer_key)
    made.extensions = {
        "key_usage": key_usage(0),
        "policies": policies(CARD_POLICY),
        "distribution_point": distribution_point(HOME),
        "authority_key_id": authority_key_id(issuer_key),
    }
    return made


def root(key, serial=1, subject=AUTHENTICATION_CA):
    """A self-signed root as the JPKI roots are (jpki.md 1.1)."""
    made = Certificate(key, key, subject)
    made.serial, made.subject = integer(serial), subject
    made.valid = ("2023-07-16T01:01:04Z", "2033-07-15T14:59:59Z")
    made.extensions = {
        "key_usage": key_usage(5, 6),
        "basic_constraints": basic_constraints(),
        "subject_key_id": extension("2.5.29.14", octet_string(key.identifier())),
    }
    return made


def reason(code):
    return extension("2.5.29.21", tlv(ENUMERATED, bytes([code])))


class Crl:
    """A CRL of one partition by its parts; entries are (serial, instant, extension...)."""

    def __init__(self, now="2026-11-21T03:00:00Z", key=None, partition=HOME, number=7):
        self.issuer = AUTHENTICATION_CA
        self.issuer_key = key or GENERATIONS[2]
        self.updates = (later(now, hours=-2), later(now, hours=22))  # instants; one: no nextUpdate
        self.entries = []
        self.extensions = {
            "authority_key_id": authority_key_id(self.issuer_key),
            "number": extension("2.5.29.20", integer(number)),
        }
        if partition:
            self.limit_to(explicit(0, explicit(0, partition)))

    def limit_to(self, *fields):
        """Makes these the fields of the issuing distribution point."""
        self.extensions["point"] = extension("2.5.29.28", sequence(*fields), critical=True)

    def revoke(self, serial=0x07A12345, when="2026-11-01T00:00:00Z", *extensions):
        self.entries.append(
            sequence(integer(serial), time(when), sequence(*extensions) if extensions else b"")
        )
        return self

    def der(self):
        tbs = sequence(
            integer(1),
            rsa_with("sha256"),
            self.issuer,
            *(time(update) for update in self.updates),
            sequence(*self.entries) if self.entries else b"",
            explicit(0, sequence(*self.extensions.values())),
        )
        return sequence(tbs, rsa_with("sha256"), bit_string(self.issuer_key.sign(tbs)))


# ---------------------------------------------------------------- the files of a case


class Case:
    """Writes the files of the directory that holds `script`; what it held before is dropped."""

    def __init__(self, script):
        self.folder = pathlib.Path(script).resolve().parent
        for entry in self.folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name not in ("generate.py", "expect.json"):
                entry.unlink()

    def write(self, path, octets):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(octets)

    def pem(self, path, label, content, note):
        """`content` is octets, or a thing with der() whose instants are told below the note."""
        if isinstance(content, (Certificate, Crl)):
            instants = getattr(content, "valid", None) or content.updates
            told = [str(t) if isinstance(t, str) else t.hex() for t in instants]
            note = f"{note}\nSigned by {content.issuer_key.file}, {' to '.join(told)}."
            content = content.der()
        body = base64.encodebytes(content).decode().replace("\n", "")
        lines = "".join(body[i : i + 64] + "\n" for i in range(0, len(body), 64))
        text = f"{note}\n\n-----BEGIN {label}-----\n{lines}-----END {label}-----\n"
        self.write(path, text.encode())

    def certificate(self, content, note):
        self.pem("certificate.pem", "CERTIFICATE", content, note)

    def signature(self, octets, note):
        self.pem("signature.pem", "CHALLENGE SIGNATURE", octets, note)

    def root(self, file, content, note):
        self.pem(f"roots/{file}.pem", "CERTIFICATE", content, note)

    def crl(self, content, note, path="crls/home.crl"):
        self.pem(path, "X509 CRL", content, note)


def challenge():
    """What the card signs in every case: the layout of auth/challenge.h."""
    fields = (
        b"kakunin-card-authentication-v1",
        b"1310000003",
        b"T1",
        b"CONFIRM",
        b"OUTPATIENT",
        bytes(range(16)),
        (1795230060000).to_bytes(8, "big"),
    )
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


CARD, OTHER_CARD, CARD_SIGNING = Key("card"), Key("other_card"), Key("card_signing")
GENERATIONS = [Key(f"ca_generation_{number}") for number in (1, 2, 3)]
SIGNING, STRANGER = Key("ca_signing"), Key("ca_stranger")
