// Metrics of a communicator, of this process or another.
#pragma once

#include "ice-sys/cpp/bridge.h"

namespace ice_sys {

struct MetricsSlot;

// One of the two is set.
struct Metrics
{
    std::shared_ptr<IceMX::MetricsAdmin> here;
    std::shared_ptr<IceMX::MetricsAdminPrx> there;
};

std::shared_ptr<Metrics> metrics_of_communicator(const Communicator& communicator);
std::shared_ptr<Metrics> metrics_of_proxy(const std::shared_ptr<ObjectPrx>& admin);
void metrics_views(const Metrics& metrics, rust::Box<MetricsSlot> slot);
void metrics_enable(const Metrics& metrics, rust::Str view, bool enabled, rust::Box<MetricsSlot> slot);
void metrics_view(const Metrics& metrics, rust::Str view, rust::Box<MetricsSlot> slot);
void metrics_failures(const Metrics& metrics, rust::Str view, rust::Str map, rust::Box<MetricsSlot> slot);

} // namespace ice_sys
