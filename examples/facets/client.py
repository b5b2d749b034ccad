"""Asks devices whether they have a thermometer."""

import os
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Facets.ice"))
import Demo  # noqa: E402

initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Facets", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    proxy = communicator.getProperties().getPropertyWithDefault("Facets.Proxy", "kettle:tcp -h 127.0.0.1 -p 10000")
    kettle = communicator.stringToProxy(proxy)
    for name in ["kettle", "lamp"]:
        device = Demo.DevicePrx.uncheckedCast(kettle.ice_identity(Ice.stringToIdentity(name)))
        thermometer = Demo.ThermometerPrx.checkedCast(device, "thermometer")
        temperature = f"{thermometer.temperature()} °C" if thermometer else "no thermometer"
        print(f"{device.name()}: {temperature}")
