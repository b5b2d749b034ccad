"""Greets whoever asks, until it is told to stop or Ctrl-C is typed."""

import os
import signal
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Hello.ice"))
import Demo  # noqa: E402


class Greeter(Demo.Hello):
    def greet(self, name, current):
        if not name:
            raise Demo.NoName()
        return f"Hello, {name}!"

    def shutdown(self, current):
        current.adapter.getCommunicator().shutdown()


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Hello", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    signal.signal(signal.SIGINT, lambda *_: communicator.shutdown())
    endpoints = communicator.getProperties().getPropertyWithDefault("Hello.Endpoints", "tcp -h 127.0.0.1 -p 10000")
    adapter = communicator.createObjectAdapterWithEndpoints("Hello", endpoints)
    hello = adapter.add(Greeter(), Ice.stringToIdentity("hello"))
    adapter.activate()
    print(hello, flush=True)
    communicator.waitForShutdown()
