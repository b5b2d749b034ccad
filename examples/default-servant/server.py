"""Serves any number of notes with one servant."""

import os
import signal
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Notes.ice"))
import Demo  # noqa: E402


class Notes(Demo.Note):
    def __init__(self):
        self.texts = {}

    def read(self, current):
        return self.texts.get(current.id.name, "")

    def write(self, text, current):
        self.texts[current.id.name] = text


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Notes", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    signal.signal(signal.SIGINT, lambda *_: communicator.shutdown())
    endpoints = communicator.getProperties().getPropertyWithDefault("Notes.Endpoints", "tcp -h 127.0.0.1 -p 10000")
    adapter = communicator.createObjectAdapterWithEndpoints("Notes", endpoints)
    adapter.addDefaultServant(Notes(), "note")
    adapter.activate()
    print(adapter.createProxy(Ice.Identity("shopping", "note")), flush=True)
    communicator.waitForShutdown()
