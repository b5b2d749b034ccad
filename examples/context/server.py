"""Greets in the language that the context of a request names."""

import os
import signal
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Context.ice"))
import Demo  # noqa: E402


class Polyglot(Demo.Greeter):
    def greet(self, current):
        return {"de": "Guten Tag", "fr": "Bonjour"}.get(current.ctx.get("language"), "Hello")


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Context", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    signal.signal(signal.SIGINT, lambda *_: communicator.shutdown())
    endpoints = communicator.getProperties().getPropertyWithDefault("Context.Endpoints", "tcp -h 127.0.0.1 -p 10000")
    adapter = communicator.createObjectAdapterWithEndpoints("Context", endpoints)
    greeter = adapter.add(Polyglot(), Ice.stringToIdentity("greeter"))
    adapter.activate()
    print(greeter, flush=True)
    communicator.waitForShutdown()
