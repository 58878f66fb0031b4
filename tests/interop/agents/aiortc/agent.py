"""aiortc under command: the operations of ../../protocol.ts, one JSON object per line."""

import asyncio
import json
import sys
import zlib

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp

BUFFER_HIGH = 1_048_576
BUFFER_LOW = 262_144
LOOK_S = 0.02

connections = {}
incoming = {}
channels = {}


class Channel:
    """A channel and the messages that came over it."""

    def __init__(self, channel):
        self.channel = channel
        self.received = []
        channel.on("message", self.message)

    def message(self, data):
        kind = "text" if isinstance(data, str) else "binary"
        content = data.encode() if isinstance(data, str) else data
        self.received.append({"kind": kind, "size": len(content), "crc": zlib.crc32(content)})


def pattern(size, seed):
    return bytes((seed + 31 * at + 17 * (at >> 8)) & 255 for at in range(size))


def digest(crcs):
    value = 0
    for crc in crcs:
        value = (value * 31 + crc) & 0xFFFFFFFF
    return value


async def until(done, state, limit):
    for _ in range(int(limit / LOOK_S) + 1):
        if done():
            return
        await asyncio.sleep(LOOK_S)
    raise RuntimeError(state())


def description(pc):
    return {"type": pc.localDescription.type, "sdp": pc.localDescription.sdp}


async def new(args, limit):
    name = args["pc"]
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connections[name] = pc
    incoming[name] = []
    pc.on("datachannel", lambda channel: incoming[name].append(Channel(channel)))
    if args.get("media"):
        pc.addTransceiver("audio")
        pc.addTransceiver("video")


async def channel(args, limit):
    init = args.get("init", {})
    created = connections[args["pc"]].createDataChannel(args["label"], **init)
    channels[args["ch"]] = Channel(created)


async def offer(args, limit):
    pc = connections[args["pc"]]
    await pc.setLocalDescription(await pc.createOffer())
    return description(pc)


async def answer(args, limit):
    pc = connections[args["pc"]]
    await pc.setLocalDescription(await pc.createAnswer())
    return description(pc)


async def remote(args, limit):
    await connections[args["pc"]].setRemoteDescription(RTCSessionDescription(**args["description"]))


async def gathered(args, limit):
    return description(connections[args["pc"]])


async def candidate(args, limit):
    given = args["candidate"]
    text = given["candidate"].removeprefix("candidate:")
    if text == "":
        return
    parsed = candidate_from_sdp(text)
    parsed.sdpMid = given.get("sdpMid")
    parsed.sdpMLineIndex = given.get("sdpMLineIndex")
    await connections[args["pc"]].addIceCandidate(parsed)


async def come(args, limit):
    waiting = incoming[args["pc"]]

    def find():
        return next((one for one in waiting if one.channel.label == args["label"]), None)

    await until(find, lambda: f"channels came: {[one.channel.label for one in waiting]}", limit)
    found = find()
    waiting.remove(found)
    channels[args["ch"]] = found


async def opened(args, limit):
    it = channels[args["ch"]].channel
    await until(lambda: it.readyState == "open", lambda: f"the channel is {it.readyState}", limit)
    return {
        "id": it.id,
        "label": it.label,
        "protocol": it.protocol,
        "ordered": it.ordered,
        "maxRetransmits": it.maxRetransmits,
        "maxPacketLifeTime": it.maxPacketLifeTime,
    }


async def send(args, limit):
    message = args["message"]
    if "text" in message:
        content = message["text"] * message.get("repeat", 1)
    else:
        content = pattern(message["size"], message["seed"])
    for _ in range(args.get("times", 1)):
        channels[args["ch"]].channel.send(content)


async def receive(args, limit):
    it = channels[args["ch"]]
    count = args["count"]
    await until(
        lambda: len(it.received) >= count,
        lambda: f"{len(it.received)} of {count} messages came, the channel is {it.channel.readyState}",
        limit,
    )
    taken, it.received = it.received[:count], it.received[count:]
    return taken


async def bulk_send(args, limit):
    it = channels[args["ch"]].channel
    cycle = [pattern(args["size"], seed) for seed in range(min(256, args["count"]))]
    crcs = []
    for index in range(args["count"]):
        if it.bufferedAmount > BUFFER_HIGH:
            await until(
                lambda: it.bufferedAmount <= BUFFER_LOW,
                lambda: f"{it.bufferedAmount} bytes stay buffered",
                limit,
            )
        content = cycle[index & 255]
        it.send(content)
        crcs.append(zlib.crc32(content))
        # A long run of sends must not keep the loop from answering.
        if index % 16 == 0:
            await asyncio.sleep(0)
    return {"bytes": args["count"] * args["size"], "digest": digest(crcs)}


async def bulk_receive(args, limit):
    messages = await receive(args, limit)
    return {
        "bytes": sum(one["size"] for one in messages),
        "digest": digest([one["crc"] for one in messages]),
    }


async def close_channel(args, limit):
    channels[args["ch"]].channel.close()


async def closed(args, limit):
    it = channels[args["ch"]].channel
    await until(lambda: it.readyState == "closed", lambda: f"the channel is {it.readyState}", limit)
    del channels[args["ch"]]


async def state(args, limit):
    pc = connections[args["pc"]]
    await until(
        lambda: pc.connectionState in args["until"],
        lambda: f"the connection is {pc.connectionState}",
        limit,
    )
    return pc.connectionState


async def close(args, limit):
    await connections.pop(args["pc"]).close()
    del incoming[args["pc"]]


operations = {
    "new": new,
    "channel": channel,
    "offer": offer,
    "answer": answer,
    "remote": remote,
    "gathered": gathered,
    "candidate": candidate,
    "incoming": come,
    "opened": opened,
    "send": send,
    "receive": receive,
    "bulkSend": bulk_send,
    "bulkReceive": bulk_receive,
    "closeChannel": close_channel,
    "closed": closed,
    "state": state,
    "close": close,
}


async def handle(request):
    reply = {"id": request["id"]}
    try:
        limit = request["limitMs"] / 1000
        reply["result"] = await operations[request["op"]](request["args"], limit)
    except Exception as error:  # whatever it is, the scenario wants to know
        reply["error"] = f"{type(error).__name__}: {error}"
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


async def main():
    reader = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(handle(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    for pc in connections.values():
        await pc.close()


asyncio.run(main())
