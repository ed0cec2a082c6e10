"""A reader of traces made from docs/trace-format.md alone: the tests' own, not the product's. zstd by its C library."""
import ctypes
import ctypes.util
import struct
import zlib
from typing import NamedTuple

KINDS = ("fetch", "read", "write", "table", "invalidate")
SCOPES = ("none", "all", "vmid-stage1", "vmid", "asid", "va", "va-last", "va-all-asids", "va-all-asids-last", "ipa", "ipa-last",
          "streams", "stream-range", "stream-contexts", "stream-context")
NO_STREAM = 0xFFFFFFFF


class Record(NamedTuple):
    kind: str
    va: int
    ipa: int
    pa: int
    size: int
    el: int
    vmid: int
    asid: int
    stream: int
    scope: str
    regime: int
    reach: int


def _zstd():
    library = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    library.ZSTD_decompress.restype = ctypes.c_size_t
    return library


def _checked(data, what):
    if zlib.crc32(data[:-4]) != struct.unpack("<I", data[-4:])[0]:
        raise ValueError(f"check of {what}")
    return data[:-4]


def _coded(data, count):
    """The coded records of one block."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def difference(before):
        coded = varint()
        return (before + ((coded >> 1) ^ -(coded & 1))) & (1 << 64) - 1

    va, size = [0] * 5, [0] * 5
    ipa = pa = 0
    pages = {}
    el, vmid, asid, stream = 0, 0, 0, NO_STREAM
    for _ in range(count):
        flags = data[at]
        at += 1
        kind = flags & 3 | (flags & 0x40) >> 4
        va[kind] = difference(va[kind])
        if kind != 4:
            page = va[kind] >> 12
            known, ipa_page, pa_page = pages.get(page % 256, (None, 0, 0))
            offset = va[kind] & 0xFFF
            assert known == page or flags & 0x30 == 0x30
            ipa = difference(ipa) if flags & 0x10 else ipa_page << 12 | offset
            pa = difference(pa) if flags & 0x20 else pa_page << 12 | offset
            pages[page % 256] = (page, ipa >> 12, pa >> 12)
        if flags & 4:
            size[kind] = varint()
        if flags & 8:
            el = data[at]
            at += 1
            vmid, asid, stream = varint(), varint(), (varint() - 1) & NO_STREAM
        if kind != 4:
            yield Record(KINDS[kind], va[kind], ipa, pa, size[kind], el, vmid, asid, stream, "none", 0, 0)
            continue
        scope, where = SCOPES[data[at]], data[at + 1]
        at += 2
        by_ipa = scope.startswith("ipa")
        yield Record("invalidate", 0 if by_ipa else va[kind], va[kind] if by_ipa else 0, 0, size[kind], el, vmid, asid,
                     stream, scope, where & 15, where >> 4)
    assert at == len(data)


def read(path):
    """(provenance as a list of pairs, records)"""
    with open(path, "rb") as file:
        data = file.read()
    magic, version, contents, length = struct.unpack_from("<8sHHI", data)
    if magic != b"\x93TWT\r\n\x1a\n" or version != 3 or contents != 3:
        raise ValueError("header")
    _checked(data[:16 + length + 4], "header")
    texts, at = [], 16
    while at < 16 + length:
        size = struct.unpack_from("<I", data, at)[0]
        texts.append(data[at + 4:at + 4 + size].decode())
        at += 4 + size
    provenance = list(zip(texts[::2], texts[1::2]))
    tag, index_at, total = struct.unpack("<4sQQ", _checked(data[-24:], "end"))
    index = _checked(data[index_at:-24], "index")
    blocks = struct.unpack_from("<I", index, 4)[0]
    library, records = _zstd(), []
    for n in range(blocks):
        offset, first = struct.unpack_from("<QQ", index, 8 + 16 * n)
        assert first == len(records)
        tag, count, coded, packed = struct.unpack_from("<4sIII", data, offset)
        block = _checked(data[offset:offset + 16 + packed + 4], "block")
        raw = ctypes.create_string_buffer(max(coded, 1))
        assert tag == b"BLK1" and library.ZSTD_decompress(raw, ctypes.c_size_t(coded), block[16:], ctypes.c_size_t(packed)) == coded
        records.extend(_coded(raw.raw[:coded], count))
    assert total == len(records)
    return provenance, records
