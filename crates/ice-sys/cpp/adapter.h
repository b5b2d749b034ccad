// Object adapters, the servants in them, and the locators of those.
#pragma once

#include "ice-sys/cpp/bridge.h"

namespace ice_sys {

struct Facet;

std::shared_ptr<ObjectAdapter> adapter_with_router(
    const Communicator& communicator, rust::Str name, const std::shared_ptr<ObjectPrx>& router);

std::shared_ptr<ObjectPrx> adapter_add(
    const ObjectAdapter& adapter, const std::shared_ptr<Object>& servant, const Name& identity, rust::Str facet);
void adapter_add_default(const ObjectAdapter& adapter, const std::shared_ptr<Object>& servant, rust::Str category);
std::shared_ptr<Object> adapter_remove(const ObjectAdapter& adapter, const Name& identity, rust::Str facet);
rust::Vec<Facet> adapter_remove_all(const ObjectAdapter& adapter, const Name& identity);
std::shared_ptr<Object> adapter_remove_default(const ObjectAdapter& adapter, rust::Str category);
std::shared_ptr<Object> adapter_find(const ObjectAdapter& adapter, const Name& identity, rust::Str facet);
rust::Vec<Facet> adapter_find_all(const ObjectAdapter& adapter, const Name& identity);
std::shared_ptr<Object> adapter_find_default(const ObjectAdapter& adapter, rust::Str category);
std::shared_ptr<Object> adapter_find_by_proxy(const ObjectAdapter& adapter, const std::shared_ptr<ObjectPrx>& proxy);

void adapter_add_locator(
    const ObjectAdapter& adapter, const std::shared_ptr<ServantLocator>& locator, rust::Str category);
std::shared_ptr<ServantLocator> adapter_remove_locator(const ObjectAdapter& adapter, rust::Str category);
std::shared_ptr<ServantLocator> adapter_find_locator(const ObjectAdapter& adapter, rust::Str category);

std::shared_ptr<ObjectPrx> adapter_proxy(const ObjectAdapter& adapter, const Name& identity, std::uint8_t kind);
void adapter_set_published_endpoints(const ObjectAdapter& adapter, rust::Str endpoints);
void adapter_refresh_published_endpoints(const ObjectAdapter& adapter);
std::shared_ptr<ObjectPrx> adapter_locator(const ObjectAdapter& adapter);
void adapter_set_locator(const ObjectAdapter& adapter, const std::shared_ptr<ObjectPrx>& locator);

rust::String adapter_name(const ObjectAdapter& adapter);
void adapter_activate(const ObjectAdapter& adapter);
void adapter_hold(const ObjectAdapter& adapter);
void adapter_wait_for_hold(const ObjectAdapter& adapter);
void adapter_deactivate(const ObjectAdapter& adapter);
void adapter_wait_for_deactivate(const ObjectAdapter& adapter);
bool adapter_is_deactivated(const ObjectAdapter& adapter);
void adapter_destroy(const ObjectAdapter& adapter);

} // namespace ice_sys
