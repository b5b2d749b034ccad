"""Does nothing, and answers."""

import os
import signal
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Latency.ice"))
import Demo  # noqa: E402


class Idle(Demo.Latency):
    def ping(self, current):
        pass


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Latency", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    signal.signal(signal.SIGINT, lambda *_: communicator.shutdown())
    endpoints = communicator.getProperties().getPropertyWithDefault("Latency.Endpoints", "tcp -h 127.0.0.1 -p 10000")
    adapter = communicator.createObjectAdapterWithEndpoints("Latency", endpoints)
    ping = adapter.add(Idle(), Ice.stringToIdentity("ping"))
    adapter.activate()
    print(ping, flush=True)
    communicator.waitForShutdown()
