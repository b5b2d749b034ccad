"""Has itself called back, at an endpoint of its own."""

import argparse
import os
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Callback.ice"))
import Demo  # noqa: E402


class Printer(Demo.Receiver):
    def callback(self, number, current):
        print(f"callback {number}", flush=True)


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
for prefix in ("Receiver", "Callback"):
    sys.argv = initial.properties.parseCommandLineOptions(prefix, sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3, help="how often")
    count = parser.parse_args().count

    properties = communicator.getProperties()
    endpoints = properties.getPropertyWithDefault("Receiver.Endpoints", "tcp -h 127.0.0.1")
    adapter = communicator.createObjectAdapterWithEndpoints("Receiver", endpoints)
    receiver = Demo.ReceiverPrx.uncheckedCast(adapter.addWithUUID(Printer()))
    adapter.activate()

    proxy = properties.getPropertyWithDefault("Callback.Proxy", "sender:tcp -h 127.0.0.1 -p 10000")
    sender = Demo.SenderPrx.checkedCast(communicator.stringToProxy(proxy))
    sender.callBack(receiver, count)
