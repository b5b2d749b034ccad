"""Has itself called back over its own connection."""

import argparse
import os
import queue
import sys

import Ice

Ice.loadSlice(f"-I{Ice.getSliceDir()} " + os.path.join(os.path.dirname(__file__), "Bidirectional.ice"))
import Demo  # noqa: E402

numbers = queue.Queue()


class Listener(Demo.Receiver):
    def callback(self, number, current):
        numbers.put(number)


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Callback", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3, help="after how many calls it leaves")
    count = parser.parse_args().count

    adapter = communicator.createObjectAdapter("")
    receiver = adapter.addWithUUID(Listener())
    adapter.activate()

    proxy = communicator.getProperties().getPropertyWithDefault("Callback.Proxy", "sender:tcp -h 127.0.0.1 -p 10000")
    server = Demo.SenderPrx.checkedCast(communicator.stringToProxy(proxy))
    server.ice_getConnection().setAdapter(adapter)
    server.addClient(receiver.ice_getIdentity())
    for _ in range(count):
        print(f"callback {numbers.get(timeout=10)}")
