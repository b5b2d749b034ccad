//! Safe, asynchronous ZeroC Ice: communicators, proxies, adapters, servants.
