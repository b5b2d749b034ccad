// The C++ side of the comparison: ZeroC's own mapping, used as its manual shows it.
//
// A peer does what it is told on its standard input, a line each, and answers each line with one line.

#include <Bench.h>
#include <Ice/Ice.h>
#include <IceStorm/IceStorm.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>

using namespace std;
using Clock = chrono::steady_clock;

namespace {

const size_t largest = 1000 * 1000;

long long since(Clock::time_point start)
{
    return chrono::duration_cast<chrono::nanoseconds>(Clock::now() - start).count();
}

class TargetI final : public Bench::Target
{
public:
    void empty(const Ice::Current&) override {}
    Bench::Bytes get(int size, const Ice::Current&) override { return Bench::Bytes(film_.begin(), film_.begin() + size); }
    void put(Bench::Bytes, const Ice::Current&) override {}

private:
    const Bench::Bytes film_ = Bench::Bytes(largest, 7);
};

// Counts the events of all its subscribers.
class Tally
{
public:
    void expect(long long count)
    {
        lock_guard<mutex> lock(mutex_);
        missing_ = count;
        disordered_ = 0;
    }

    void event(bool in_order)
    {
        lock_guard<mutex> lock(mutex_);
        disordered_ += in_order ? 0 : 1;
        if (--missing_ == 0)
        {
            complete_.notify_all();
        }
    }

    // How many are missing when the last one is there, or when no more can be hoped for.
    pair<long long, long long> wait(chrono::seconds patience)
    {
        unique_lock<mutex> lock(mutex_);
        complete_.wait_for(lock, patience, [this] { return missing_ <= 0; });
        return {missing_, disordered_};
    }

private:
    mutex mutex_;
    condition_variable complete_;
    long long missing_ = 0;
    long long disordered_ = 0;
};

class TicksI final : public Bench::Ticks
{
public:
    explicit TicksI(Tally& tally) : tally_(tally) {}

    void tick(int number, const Ice::Current&) override
    {
        tally_.event(number == 0 || number == last_ + 1);
        last_ = number;
    }

private:
    Tally& tally_;
    int last_ = 0;
};

// Keeps so many calls under way, each begun where the one before it ended.
class Window
{
public:
    Window(shared_ptr<Bench::TargetPrx> target, int calls) : target_(move(target)), left_(calls), running_(0) {}

    void run(int width)
    {
        {
            lock_guard<mutex> lock(mutex_);
            running_ = width;
        }
        for (int i = 0; i < width; ++i)
        {
            next();
        }
        unique_lock<mutex> lock(mutex_);
        done_.wait(lock, [this] { return running_ == 0; });
    }

private:
    void next()
    {
        if (left_.fetch_sub(1) > 0)
        {
            target_->emptyAsync([this] { next(); }, [](exception_ptr error) { rethrow_exception(error); });
            return;
        }
        lock_guard<mutex> lock(mutex_);
        if (--running_ == 0)
        {
            done_.notify_all();
        }
    }

    const shared_ptr<Bench::TargetPrx> target_;
    atomic<int> left_;
    mutex mutex_;
    condition_variable done_;
    int running_;
};

void windowed_futures(const shared_ptr<Bench::TargetPrx>& target, int width, int calls)
{
    deque<future<void>> pending;
    for (int i = 0; i < calls; ++i)
    {
        if (static_cast<int>(pending.size()) == width)
        {
            pending.front().get();
            pending.pop_front();
        }
        pending.push_back(target->emptyAsync());
    }
    for (auto& one : pending)
    {
        one.get();
    }
}

shared_ptr<IceStorm::TopicPrx> topic_of(const shared_ptr<IceStorm::TopicManagerPrx>& manager, const string& name)
{
    try
    {
        return manager->create(name);
    }
    catch (const IceStorm::TopicExists&)
    {
        return manager->retrieve(name);
    }
}

class Peer
{
public:
    explicit Peer(shared_ptr<Ice::Communicator> communicator) : communicator_(move(communicator)) {}

    string answer(const string& line)
    {
        istringstream words(line);
        string what;
        words >> what;
        if (what == "serve")
        {
            return serve();
        }
        if (what == "target")
        {
            targets_.push_back(Ice::uncheckedCast<Bench::TargetPrx>(proxy(words)));
            targets_.back()->ice_ping();
            return "ready";
        }
        if (what == "broker")
        {
            manager_ = Ice::uncheckedCast<IceStorm::TopicManagerPrx>(proxy(words));
            return "ready";
        }
        if (what == "subscribe")
        {
            return subscribe(words);
        }
        if (what == "publisher")
        {
            string topic;
            words >> topic;
            publisher_ = Ice::uncheckedCast<Bench::TicksPrx>(topic_of(manager_, topic)->getPublisher()->ice_oneway());
            return "ready";
        }
        if (what == "publish")
        {
            int count = 0;
            words >> count;
            for (int i = 0; i < count; ++i)
            {
                publisher_->tick(i);
            }
            return "ready";
        }
        if (what == "expect")
        {
            long long count = 0;
            words >> count;
            tally_.expect(count);
            return "ready";
        }
        if (what == "wait")
        {
            const auto [missing, disordered] = tally_.wait(chrono::seconds(10));
            return to_string(missing) + " " + to_string(disordered);
        }
        size_t target = 0;
        words >> target;
        return to_string(measure(what, *targets_.at(target), targets_.at(target), words));
    }

private:
    shared_ptr<Ice::ObjectPrx> proxy(istringstream& words)
    {
        string text;
        getline(words, text);
        return communicator_->stringToProxy(text);
    }

    string serve()
    {
        auto adapter = communicator_->createObjectAdapterWithEndpoints("Bench", "tcp -h 127.0.0.1");
        const auto proxy = adapter->add(make_shared<TargetI>(), Ice::stringToIdentity("target"));
        adapter->activate();
        return proxy->ice_toString();
    }

    string subscribe(istringstream& words)
    {
        string topic;
        int count = 0;
        words >> topic >> count;
        auto adapter = communicator_->createObjectAdapterWithEndpoints("Ticks" + topic, "tcp -h 127.0.0.1");
        for (int i = 0; i < count; ++i)
        {
            topic_of(manager_, topic)->subscribeAndGetPublisher({}, adapter->addWithUUID(make_shared<TicksI>(tally_))->ice_oneway());
        }
        adapter->activate();
        return "ready";
    }

    static long long
    measure(const string& what, Bench::TargetPrx& target, const shared_ptr<Bench::TargetPrx>& shared, istringstream& words)
    {
        int how = 0;
        int calls = 0;
        words >> how >> calls;
        const auto bytes = Bench::Bytes(static_cast<size_t>(how), 7);
        const auto start = Clock::now();
        if (what == "empty" && how == 1)
        {
            for (int i = 0; i < calls; ++i)
            {
                target.empty();
            }
        }
        else if (what == "empty")
        {
            Window(shared, calls).run(how);
        }
        else if (what == "tasks")
        {
            windowed_futures(shared, how, calls);
        }
        else if (what == "get")
        {
            for (int i = 0; i < calls; ++i)
            {
                if (target.get(how).size() != bytes.size())
                {
                    throw runtime_error("another size than asked for");
                }
            }
        }
        else if (what == "put")
        {
            for (int i = 0; i < calls; ++i)
            {
                target.put(bytes);
            }
        }
        else
        {
            throw runtime_error("unknown: " + what);
        }
        return since(start);
    }

    const shared_ptr<Ice::Communicator> communicator_;
    vector<shared_ptr<Bench::TargetPrx>> targets_;
    shared_ptr<IceStorm::TopicManagerPrx> manager_;
    shared_ptr<Bench::TicksPrx> publisher_;
    Tally tally_;
};

} // namespace

int main(int argc, char* argv[])
{
    try
    {
        const Ice::CommunicatorHolder communicator(argc, argv);
        Peer peer(communicator.communicator());
        for (string line; getline(cin, line);)
        {
            cout << peer.answer(line) << endl;
        }
        return 0;
    }
    catch (const exception& error)
    {
        cerr << "the C++ peer failed: " << error.what() << endl;
        return 1;
    }
}
