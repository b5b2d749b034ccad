"""The Python side of the comparison: ZeroC's own mapping, used as its manual shows it.

A peer does what it is told on its standard input, a line each, and answers each line with one line.
"""

import sys
import threading
import time
from collections import deque

import Ice
import IceStorm

import Bench

LARGEST = 1000 * 1000


class Target(Bench.Target):
    film = bytes([7]) * LARGEST

    def empty(self, current):
        pass

    def get(self, size, current):
        return self.film[:size]

    def put(self, data, current):
        pass


class Tally:
    """Counts the events of all its subscribers."""

    def __init__(self):
        self.condition = threading.Condition()
        self.missing = self.disordered = 0

    def expect(self, count):
        with self.condition:
            self.missing, self.disordered = count, 0

    def event(self, in_order):
        with self.condition:
            self.disordered += not in_order
            self.missing -= 1
            if self.missing == 0:
                self.condition.notify_all()

    def wait(self, seconds):
        with self.condition:
            self.condition.wait_for(lambda: self.missing <= 0, seconds)
            return f"{self.missing} {self.disordered}"


class Ticks(Bench.Ticks):
    def __init__(self, tally):
        self.tally, self.last = tally, 0

    def tick(self, number, current):
        self.tally.event(number in (0, self.last + 1))
        self.last = number


class Peer:
    def __init__(self, communicator):
        self.communicator = communicator
        self.targets = []
        self.tally = Tally()

    def answer(self, line):
        what, _, rest = line.partition(" ")
        return getattr(self, what)(rest)

    def serve(self, _):
        adapter = self.communicator.createObjectAdapterWithEndpoints("Bench", "tcp -h 127.0.0.1")
        proxy = adapter.add(Target(), Ice.stringToIdentity("target"))
        adapter.activate()
        return str(proxy)

    def target(self, text):
        self.targets.append(Bench.TargetPrx.uncheckedCast(self.communicator.stringToProxy(text)))
        self.targets[-1].ice_ping()
        return "ready"

    def broker(self, text):
        self.manager = IceStorm.TopicManagerPrx.uncheckedCast(self.communicator.stringToProxy(text))
        return "ready"

    def topic(self, name):
        try:
            return self.manager.create(name)
        except IceStorm.TopicExists:
            return self.manager.retrieve(name)

    def subscribe(self, words):
        topic, count = words.split()
        adapter = self.communicator.createObjectAdapterWithEndpoints("Ticks" + topic, "tcp -h 127.0.0.1")
        for _ in range(int(count)):
            subscriber = adapter.addWithUUID(Ticks(self.tally)).ice_oneway()
            self.topic(topic).subscribeAndGetPublisher({}, subscriber)
        adapter.activate()
        return "ready"

    def publisher(self, topic):
        self.events = Bench.TicksPrx.uncheckedCast(self.topic(topic).getPublisher().ice_oneway())
        return "ready"

    def publish(self, count):
        for number in range(int(count)):
            self.events.tick(number)
        return "ready"

    def expect(self, count):
        self.tally.expect(int(count))
        return "ready"

    def wait(self, _):
        return self.tally.wait(10)

    def timed(self, words, work):
        target, how, calls = map(int, words.split())
        target = self.targets[target]
        start = time.perf_counter_ns()
        work(target, how, calls)
        return str(time.perf_counter_ns() - start)

    def empty(self, words):
        def work(target, width, calls):
            if width == 1:
                for _ in range(calls):
                    target.empty()
                return
            pending = deque()
            for _ in range(calls):
                if len(pending) == width:
                    pending.popleft().result()
                pending.append(target.emptyAsync())
            for one in pending:
                one.result()

        return self.timed(words, work)

    tasks = empty

    def get(self, words):
        def work(target, size, calls):
            for _ in range(calls):
                if len(target.get(size)) != size:
                    raise RuntimeError("another size than asked for")

        return self.timed(words, work)

    def put(self, words):
        data = bytes([7]) * int(words.split()[1])

        def work(target, size, calls):
            for _ in range(calls):
                target.put(data)

        return self.timed(words, work)


with Ice.initialize(sys.argv) as communicator:
    peer = Peer(communicator)
    for line in sys.stdin:
        print(peer.answer(line.rstrip("\n")), flush=True)
