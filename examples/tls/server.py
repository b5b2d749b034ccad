"""A door for those who have a certificate: server.py --Ice.Config=server.conf"""

import os
import signal
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Door.ice"))
import Demo  # noqa: E402


class Doorman(Demo.Door):
    def enter(self, current):
        return "Welcome."


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Door", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    signal.signal(signal.SIGINT, lambda *_: communicator.shutdown())
    adapter = communicator.createObjectAdapter("Door")
    door = adapter.add(Doorman(), Ice.stringToIdentity("door"))
    adapter.activate()
    print(door, flush=True)
    communicator.waitForShutdown()
