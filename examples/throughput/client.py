"""Measures how much goes to a server and back."""

import argparse
import os
import sys
import time

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Throughput.ice"))
import Demo  # noqa: E402

MEASUREMENT_BYTES = 12


def measure(rounds, what, size, call, values):
    start = time.perf_counter()
    for _ in range(rounds):
        returned = call(values)
    seconds = (time.perf_counter() - start) / rounds
    assert returned is None or list(returned) == list(values)
    print(f"{what:16} {size / seconds / 1e6:8.1f} MB/s {seconds * 1e6:8.1f}µs a call")


initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Throughput", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="how often each call is made")
    parser.add_argument("--bytes", type=int, default=500_000, help="how many bytes go in a call")
    arguments = parser.parse_args()
    rounds, size = arguments.rounds, arguments.bytes

    properties = communicator.getProperties()
    proxy = properties.getPropertyWithDefault("Throughput.Proxy", "throughput:tcp -h 127.0.0.1 -p 10000")
    server = Demo.ThroughputPrx.checkedCast(communicator.stringToProxy(proxy))
    values = bytes([7]) * size
    strings = ["forty two"] * (size // 10)
    measurements = [Demo.Measurement(4, 2.0)] * (size // MEASUREMENT_BYTES)
    measure(rounds, "bytes sent", size, server.sendBytes, values)
    measure(rounds, "bytes echoed", 2 * size, server.echoBytes, values)
    measure(rounds, "strings sent", size, server.sendStrings, strings)
    measure(rounds, "strings echoed", 2 * size, server.echoStrings, strings)
    measure(rounds, "structs sent", size, server.sendMeasurements, measurements)
    measure(rounds, "structs echoed", 2 * size, server.echoMeasurements, measurements)
