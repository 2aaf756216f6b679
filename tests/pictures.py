"""Pictures made for tests: a PNG of any size, and an SVG that would act if it could."""

import struct
import zlib

BAD_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40" onload="document.title = \'acted\'">'
    b"<script>document.title = 'acted'; fetch('/api/boards')</script>"
    b'<style>rect { fill: #18202a }</style><rect width="120" height="40"/>'
    b'<circle cx="20" cy="20" r="14" fill="#8b99a8"/></svg>'
)


def png(width: int = 60, height: int = 20) -> bytes:
    """Grey."""
    rows = (b"\0" + b"\x88" * width) * height if width * height < 1_000_000 else b""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )
