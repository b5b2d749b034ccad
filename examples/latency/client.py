"""Measures how long a call takes that does nothing."""

import argparse
import os
import statistics
import sys
import time

import Ice

Ice.loadSlice(os.path.join(os.path.dirname(__file__), "Latency.ice"))
import Demo  # noqa: E402

initial = Ice.InitializationData()
initial.properties = Ice.createProperties(sys.argv)
sys.argv = initial.properties.parseCommandLineOptions("Latency", sys.argv)
with Ice.initialize(sys.argv, initial) as communicator:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000, help="how many calls are made")
    calls = parser.parse_args().calls

    proxy = communicator.getProperties().getPropertyWithDefault("Latency.Proxy", "ping:tcp -h 127.0.0.1 -p 10000")
    server = Demo.LatencyPrx.checkedCast(communicator.stringToProxy(proxy))
    each = []
    for _ in range(calls):
        start = time.perf_counter()
        server.ping()
        each.append((time.perf_counter() - start) * 1e6)
    each.sort()
    print(
        f"{calls} calls: median {statistics.median(each):.1f}µs, mean {statistics.mean(each):.1f}µs, "
        f"99 % within {each[(calls - 1) * 99 // 100]:.1f}µs"
    )
