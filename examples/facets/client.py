"""Asks devices whether they have a thermometer."""

import os
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Facets.ice"))
import Demo  # noqa: E402

with Ice.initialize(sys.argv) as communicator:
    proxy = communicator.getProperties().getPropertyWithDefault("Facets.Proxy", "kettle:tcp -h 127.0.0.1 -p 10000")
    kettle = communicator.stringToProxy(proxy)
    for name in ["kettle", "lamp"]:
        device = Demo.DevicePrx.uncheckedCast(kettle.ice_identity(Ice.stringToIdentity(name)))
        thermometer = Demo.ThermometerPrx.checkedCast(device, "thermometer")
        temperature = f"{thermometer.temperature()} °C" if thermometer else "no thermometer"
        print(f"{device.name()}: {temperature}")
