"""Asks for greetings."""

import argparse
import os
import sys

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Hello.ice"))
import Demo  # noqa: E402

initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Hello", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["World"], help="whom to greet")
    parser.add_argument("--shutdown", action="store_true", help="ends the server afterwards")
    arguments = parser.parse_args()

    proxy = communicator.getProperties().getPropertyWithDefault("Hello.Proxy", "hello:tcp -h 127.0.0.1 -p 10000")
    hello = Demo.HelloPrx.checkedCast(communicator.stringToProxy(proxy))
    for name in arguments.names:
        try:
            print(hello.greet(name))
        except Demo.NoName:
            print("Who?")
    if arguments.shutdown:
        hello.shutdown()
