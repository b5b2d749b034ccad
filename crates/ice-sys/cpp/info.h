// What endpoints and connections are.
#pragma once

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

struct EndpointFacts;
struct ConnectionFacts;

rust::Vec<EndpointFacts> proxy_endpoints(const ObjectPrx& proxy);
rust::Vec<EndpointFacts> adapter_endpoints(const ObjectAdapter& adapter, bool published);
EndpointFacts connection_endpoint(const Connection& connection);
ConnectionFacts connection_info(const Connection& connection);

} // namespace ice_sys
