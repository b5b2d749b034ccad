"""Knocks at the door: client.py --Ice.Config=client.conf"""

import os
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Door.ice"))
import Demo  # noqa: E402

with Ice.initialize(sys.argv) as communicator:
    door = Demo.DoorPrx.checkedCast(communicator.propertyToProxy("Door.Proxy"))
    print(door.enter())
