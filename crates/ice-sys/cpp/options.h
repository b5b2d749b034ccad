// The options of proxies.
#pragma once

#include "ice-sys/cpp/bridge.h"
#include "ice-sys/src/bridge.rs.h"

namespace ice_sys {

struct ProxyOptions;

ProxyOptions proxy_options(const ObjectPrx& proxy);
std::shared_ptr<ObjectPrx> proxy_locator(const ObjectPrx& proxy);
std::shared_ptr<ObjectPrx> proxy_router(const ObjectPrx& proxy);
rust::Vec<Entry>
proxy_to_property(const Communicator& communicator, const std::shared_ptr<ObjectPrx>& proxy, rust::Str key);
std::shared_ptr<ObjectPrx> proxy_with_adapter_id(const ObjectPrx& proxy, rust::Str id);
std::shared_ptr<ObjectPrx> proxy_with_locator(const ObjectPrx& proxy, const std::shared_ptr<ObjectPrx>& locator);
std::shared_ptr<ObjectPrx> proxy_with_router(const ObjectPrx& proxy, const std::shared_ptr<ObjectPrx>& router);
std::shared_ptr<ObjectPrx> proxy_with_locator_cache_timeout(const ObjectPrx& proxy, std::int32_t seconds);
std::shared_ptr<ObjectPrx> proxy_with_timeout(const ObjectPrx& proxy, std::int32_t milliseconds);
std::shared_ptr<ObjectPrx> proxy_with_compress(const ObjectPrx& proxy, bool compress);
std::shared_ptr<ObjectPrx> proxy_with_prefer_secure(const ObjectPrx& proxy, bool prefer);
std::shared_ptr<ObjectPrx> proxy_with_endpoint_order(const ObjectPrx& proxy, bool ordered);
std::shared_ptr<ObjectPrx> proxy_fixed(const ObjectPrx& proxy, const std::shared_ptr<Connection>& connection);

} // namespace ice_sys
