"""Knocks at the door: client.py --Ice.Config=client.conf"""

import os
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Door.ice"))
import Demo  # noqa: E402

initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Door", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    door = Demo.DoorPrx.checkedCast(communicator.propertyToProxy("Door.Proxy"))
    print(door.enter())
