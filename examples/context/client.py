"""Sends contexts along with its calls."""

import os
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Context.ice"))
import Demo  # noqa: E402

initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Context", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    properties = communicator.getProperties()
    proxy = properties.getPropertyWithDefault("Context.Proxy", "greeter:tcp -h 127.0.0.1 -p 10000")
    properties.setProperty("German.Proxy", proxy)
    properties.setProperty("German.Proxy.Context.language", "de")

    greeter = Demo.GreeterPrx.checkedCast(communicator.stringToProxy(proxy))
    print("without a context:", greeter.greet())
    print("with one of the proxy:", greeter.ice_context({"language": "fr"}).greet())
    german = Demo.GreeterPrx.uncheckedCast(communicator.propertyToProxy("German.Proxy"))
    print("with one by properties:", german.greet())
