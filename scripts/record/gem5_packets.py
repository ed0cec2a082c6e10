"""gem5's packet traces (src/proto/packet.proto of its repository) by Google's protobuf library.

Usage: gem5_packets.py ACCESSES TRACE.gz   lines of scripts/record/recorder.c's format=physical as a packet trace: a read is a
ReadReq, a write a WriteReq, a tick a line's number.
"""
import gzip
import pathlib
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import decoder, encoder

MAGIC = b"gem5"
READ, WRITE, FETCH, WALK = 1, 4, 0x100, 0x2000_0000
_TYPES = descriptor_pb2.FieldDescriptorProto


def _messages():
    file = descriptor_pb2.FileDescriptorProto(name="packet.proto", package="trapwalk", syntax="proto2")

    def message(to, name, *fields):
        made = to.add(name=name)
        for number, (field, kind, label, of) in enumerate(fields, 1):
            made.field.add(name=field, number=number, type=kind, label=label, type_name=of)
        return made

    u32, u64, text, inner = _TYPES.TYPE_UINT32, _TYPES.TYPE_UINT64, _TYPES.TYPE_STRING, _TYPES.TYPE_MESSAGE
    optional, required, repeated = _TYPES.LABEL_OPTIONAL, _TYPES.LABEL_REQUIRED, _TYPES.LABEL_REPEATED
    header = message(file.message_type, "PacketHeader", ("obj_id", text, required, None), ("ver", u32, optional, None),
                     ("tick_freq", u64, required, None), ("id_strings", inner, repeated, ".trapwalk.PacketHeader.Entry"))
    message(header.nested_type, "Entry", ("key", u32, optional, None), ("value", text, optional, None))
    message(file.message_type, "Packet", ("tick", u64, required, None), ("cmd", u32, required, None),
            ("addr", u64, required, None), ("size", u32, required, None), ("flags", u32, optional, None),
            ("pkt_id", u64, optional, None), ("pc", u64, optional, None))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return (factory.GetPrototype(pool.FindMessageTypeByName(f"trapwalk.{name}")) for name in ("PacketHeader", "Packet"))


PacketHeader, Packet = _messages()


def _framed(message):
    data = message.SerializeToString()
    return encoder._VarintBytes(len(data)) + data


def written(header, packets):
    return MAGIC + _framed(header) + b"".join(map(_framed, packets))


def read(data):
    """The header and the packets of an unpacked trace."""
    assert data[:4] == MAGIC
    at, found = 4, []
    while at < len(data):
        length, at = decoder._DecodeVarint(data, at)
        found.append((Packet if found else PacketHeader).FromString(data[at:at + length]))
        at += length
    return found[0], found[1:]


def main():
    accesses, trace = map(pathlib.Path, sys.argv[1:])
    header = PacketHeader(obj_id="qemu-system-aarch64", tick_freq=10**12)
    header.id_strings.add(key=0, value="cpu.data")
    packets = []
    for number, line in enumerate(accesses.read_text().splitlines()):
        kind, address, size = line.split()
        packets.append(Packet(tick=number, cmd={"R": READ, "W": WRITE}[kind], addr=int(address, 16), size=int(size, 16),
                              flags=0, pkt_id=0))
    trace.write_bytes(gzip.compress(written(header, packets), 9, mtime=0))
    print(f"{trace}: {len(packets)} packets")


if __name__ == "__main__":
    main()
