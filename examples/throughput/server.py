"""Takes values, and gives them back."""

import os
import signal
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Throughput.ice"))
import Demo  # noqa: E402


class Echo(Demo.Throughput):
    def sendBytes(self, values, current):
        pass

    def echoBytes(self, values, current):
        return values

    def sendStrings(self, values, current):
        pass

    def echoStrings(self, values, current):
        return values

    def sendMeasurements(self, values, current):
        pass

    def echoMeasurements(self, values, current):
        return values


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Throughput", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    signal.signal(signal.SIGINT, lambda *_: communicator.shutdown())
    endpoints = communicator.getProperties().getPropertyWithDefault("Throughput.Endpoints", "tcp -h 127.0.0.1 -p 10000")
    adapter = communicator.createObjectAdapterWithEndpoints("Throughput", endpoints)
    echo = adapter.add(Echo(), Ice.stringToIdentity("throughput"))
    adapter.activate()
    print(echo, flush=True)
    communicator.waitForShutdown()
