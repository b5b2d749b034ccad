// Metrics of a communicator: asked of its own admin object, or of that of another process, and flattened.

#include "ice-sys/cpp/metrics.h"
#include "ice-sys/src/bridge.rs.h"
#include "ice-sys/src/bridge/metrics.rs.h"

namespace ice_sys {

namespace {

// std::function must be copyable: the slot is shared, and takes the first word that it is given.
class Waiting
{
public:
    explicit Waiting(rust::Box<MetricsSlot> slot) : slot_(std::make_shared<rust::Box<MetricsSlot>>(std::move(slot))) {}

    void answer(MetricsAnswer answer) const { answered(**slot_, std::move(answer)); }

    // What is thrown in a callback of the runtime would be logged, and the slot never filled.
    template<typename Make>
    void answer_with(Make&& make) const
    {
        try
        {
            answer(make());
        }
        catch (...)
        {
            on_error()(std::current_exception());
        }
    }

    std::function<void(std::exception_ptr)> on_error() const
    {
        return [slot = slot_](std::exception_ptr error) {
            const auto what = describe(error);
            refused(**slot, bytes_of(what.type_id), bytes_of(what.reason));
        };
    }

private:
    std::shared_ptr<rust::Box<MetricsSlot>> slot_;
};

// Another process may send one object and mean it a million times, under a name that it sends once: flat, that is far
// more than the message was.
class Budget
{
public:
    void spend(std::size_t bytes)
    {
        if (bytes > left_)
        {
            throw Ice::MemoryLimitException(__FILE__, __LINE__, "metrics of more than 64 MiB");
        }
        left_ -= bytes;
    }

private:
    std::size_t left_ = 64 * 1024 * 1024;
};

rust::Vec<rust::String> names(const Ice::StringSeq& all)
{
    rust::Vec<rust::String> names;
    for (const auto& name : all)
    {
        names.push_back(lossy(name));
    }
    return names;
}

void add(
    rust::Vec<MetricsFacts>& all, Budget& budget, const std::string& map, MetricsPlace place,
    const std::shared_ptr<IceMX::Metrics>& metrics)
{
    budget.spend(sizeof(MetricsFacts) + map.size() + (metrics ? metrics->id.size() : 0));
    // Null where another process says so.
    if (!metrics)
    {
        return;
    }
    MetricsFacts facts{
        lossy(map),
        place,
        MetricsKind::Plain,
        lossy(metrics->id),
        metrics->total,
        metrics->current,
        metrics->totalLifetime,
        metrics->failures,
        {},
    };
    const auto is = [&](MetricsKind kind, std::initializer_list<std::int64_t> numbers) {
        facts.kind = kind;
        for (const auto number : numbers)
        {
            facts.numbers.push_back(number);
        }
    };
    const auto invocation = std::dynamic_pointer_cast<IceMX::InvocationMetrics>(metrics);
    if (invocation)
    {
        is(MetricsKind::Invocation, {invocation->retry, invocation->userException});
    }
    else if (const auto thread = std::dynamic_pointer_cast<IceMX::ThreadMetrics>(metrics))
    {
        is(MetricsKind::Thread, {thread->inUseForIO, thread->inUseForUser, thread->inUseForOther});
    }
    else if (const auto dispatch = std::dynamic_pointer_cast<IceMX::DispatchMetrics>(metrics))
    {
        is(MetricsKind::Dispatch, {dispatch->userException, dispatch->size, dispatch->replySize});
    }
    else if (const auto child = std::dynamic_pointer_cast<IceMX::ChildInvocationMetrics>(metrics))
    {
        is(MetricsKind::ChildInvocation, {child->size, child->replySize});
    }
    else if (const auto connection = std::dynamic_pointer_cast<IceMX::ConnectionMetrics>(metrics))
    {
        is(MetricsKind::Connection, {connection->receivedBytes, connection->sentBytes});
    }
    all.push_back(std::move(facts));
    if (invocation && place == MetricsPlace::Map)
    {
        for (const auto& remote : invocation->remotes)
        {
            add(all, budget, map, MetricsPlace::Remote, remote);
        }
        for (const auto& collocated : invocation->collocated)
        {
            add(all, budget, map, MetricsPlace::Collocated, collocated);
        }
    }
}

MetricsAnswer view_of(const IceMX::MetricsView& view, std::int64_t timestamp)
{
    MetricsAnswer answer{};
    answer.timestamp = timestamp;
    Budget budget;
    for (const auto& [map, all] : view)
    {
        for (const auto& metrics : all)
        {
            add(answer.metrics, budget, map, MetricsPlace::Map, metrics);
        }
    }
    return answer;
}

MetricsAnswer failures_of(const IceMX::MetricsFailuresSeq& all)
{
    MetricsAnswer answer{};
    Budget budget;
    for (const auto& one : all)
    {
        for (const auto& [type_id, count] : one.failures)
        {
            budget.spend(sizeof(FailureCount) + one.id.size() + type_id.size());
            answer.failures.push_back({lossy(one.id), lossy(type_id), count});
        }
    }
    return answer;
}

MetricsAnswer views_of(const Ice::StringSeq& enabled, const Ice::StringSeq& disabled)
{
    MetricsAnswer answer{};
    answer.enabled = names(enabled);
    answer.disabled = names(disabled);
    return answer;
}

} // namespace

std::shared_ptr<Metrics> metrics_of_communicator(const Communicator& communicator)
{
    const auto facet = const_cast<Communicator&>(communicator).findAdminFacet("Metrics");
    auto admin = std::dynamic_pointer_cast<IceMX::MetricsAdmin>(facet);
    return admin ? std::make_shared<Metrics>(Metrics{std::move(admin), nullptr}) : nullptr;
}

std::shared_ptr<Metrics> metrics_of_proxy(const std::shared_ptr<ObjectPrx>& admin)
{
    return std::make_shared<Metrics>(
        Metrics{nullptr, Ice::uncheckedCast<IceMX::MetricsAdminPrx>(admin, std::string("Metrics"))});
}

void metrics_views(const Metrics& metrics, rust::Box<MetricsSlot> slot)
{
    const Waiting waiting(std::move(slot));
    if (metrics.here)
    {
        Ice::StringSeq disabled;
        const auto enabled = metrics.here->getMetricsViewNames(disabled, Ice::emptyCurrent);
        waiting.answer(views_of(enabled, disabled));
        return;
    }
    metrics.there->getMetricsViewNamesAsync(
        [waiting](Ice::StringSeq enabled, Ice::StringSeq disabled) {
            waiting.answer_with([&] { return views_of(enabled, disabled); });
        },
        waiting.on_error());
}

void metrics_enable(const Metrics& metrics, rust::Str view, bool enabled, rust::Box<MetricsSlot> slot)
{
    const Waiting waiting(std::move(slot));
    const std::string name(view);
    if (metrics.here)
    {
        enabled ? metrics.here->enableMetricsView(name, Ice::emptyCurrent)
                : metrics.here->disableMetricsView(name, Ice::emptyCurrent);
        waiting.answer({});
        return;
    }
    const auto done = [waiting] { waiting.answer({}); };
    enabled ? metrics.there->enableMetricsViewAsync(name, done, waiting.on_error())
            : metrics.there->disableMetricsViewAsync(name, done, waiting.on_error());
}

void metrics_view(const Metrics& metrics, rust::Str view, rust::Box<MetricsSlot> slot)
{
    const Waiting waiting(std::move(slot));
    if (metrics.here)
    {
        long long int timestamp = 0;
        const auto maps = metrics.here->getMetricsView(std::string(view), timestamp, Ice::emptyCurrent);
        waiting.answer(view_of(maps, timestamp));
        return;
    }
    metrics.there->getMetricsViewAsync(
        std::string(view),
        [waiting](const IceMX::MetricsView& maps, long long int timestamp) {
            waiting.answer_with([&] { return view_of(maps, timestamp); });
        },
        waiting.on_error());
}

void metrics_failures(const Metrics& metrics, rust::Str view, rust::Str map, rust::Box<MetricsSlot> slot)
{
    const Waiting waiting(std::move(slot));
    if (metrics.here)
    {
        waiting.answer(failures_of(
            metrics.here->getMapMetricsFailures(std::string(view), std::string(map), Ice::emptyCurrent)));
        return;
    }
    metrics.there->getMapMetricsFailuresAsync(
        std::string(view), std::string(map),
        [waiting](const IceMX::MetricsFailuresSeq& all) {
            waiting.answer_with([&] { return failures_of(all); });
        },
        waiting.on_error());
}

} // namespace ice_sys
