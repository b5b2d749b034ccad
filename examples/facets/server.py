"""Serves two devices, of which one has a thermometer."""

import os
import signal
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Facets.ice"))
import Demo  # noqa: E402


class Named(Demo.Device):
    def __init__(self, name):
        self._name = name

    def name(self, current):
        return self._name


class Steady(Demo.Thermometer):
    def __init__(self, degrees):
        self._degrees = degrees

    def temperature(self, current):
        return self._degrees


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Facets", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    signal.signal(signal.SIGINT, lambda *_: communicator.shutdown())
    endpoints = communicator.getProperties().getPropertyWithDefault("Facets.Endpoints", "tcp -h 127.0.0.1 -p 10000")
    adapter = communicator.createObjectAdapterWithEndpoints("Facets", endpoints)
    kettle, lamp = Ice.stringToIdentity("kettle"), Ice.stringToIdentity("lamp")
    device = adapter.add(Named("a kettle"), kettle)
    adapter.addFacet(Steady(96.5), kettle, "thermometer")
    adapter.add(Named("a lamp"), lamp)
    adapter.activate()
    print(device, flush=True)
    communicator.waitForShutdown()
