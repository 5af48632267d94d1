"""A colour profile of its own: sRGB with the parts of red and green exchanged."""

import struct

WHITE = (0.9642, 1.0, 0.8249)
RED, GREEN, BLUE = (0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)


def _place(values: tuple[float, float, float]) -> bytes:
    """A tag of the type XYZ."""
    return struct.pack(">4s4x3i", b"XYZ ", *(round(value * 65536) for value in values))


def _text(words: bytes) -> bytes:
    """A tag of the type desc, in ASCII alone."""
    return struct.pack(">4s4xI", b"desc", len(words) + 1) + words + b"\0" + bytes(78)


def exchanged_profile() -> bytes:
    """An ICC profile, version 2.1 (ICC.1:2001-04), under which pure red looks as pure green does in sRGB."""
    curve = struct.pack(">4s4xIH", b"curv", 1, round(2.2 * 256)) + bytes(2)
    tags = {b"desc": _text(b"exchanged"), b"cprt": struct.pack(">4s4x", b"text") + b"none\0\0\0\0",
            b"wtpt": _place(WHITE), b"rXYZ": _place(GREEN), b"gXYZ": _place(RED), b"bXYZ": _place(BLUE),
            b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    at, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s12x4s4s4s4s4s8xI3i48x", at + len(body), bytes(4), 0x02100000, b"mntr", b"RGB ",
                       b"XYZ ", b"acsp", bytes(4), bytes(4), bytes(4), bytes(4), 0,
                       *(round(value * 65536) for value in WHITE))
    return head[:128] + table + body
