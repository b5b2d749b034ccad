"""Calls back whoever calls."""

import os
import signal
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Callback.ice"))
import Demo  # noqa: E402


class Caller(Demo.Sender):
    def callBack(self, receiver, count, current):
        for number in range(1, count + 1):
            receiver.callback(number)


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Callback", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    signal.signal(signal.SIGINT, lambda *_: communicator.shutdown())
    endpoints = communicator.getProperties().getPropertyWithDefault("Callback.Endpoints", "tcp -h 127.0.0.1 -p 10000")
    adapter = communicator.createObjectAdapterWithEndpoints("Callback", endpoints)
    sender = adapter.add(Caller(), Ice.stringToIdentity("sender"))
    adapter.activate()
    print(sender, flush=True)
    communicator.waitForShutdown()
