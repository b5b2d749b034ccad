// What endpoints and connections are: the information of a transport and of those below it, made into one.

#include "ice-sys/cpp/info.h"
#include "ice-sys/src/bridge/info.rs.h"

#include <IceSSL/IceSSL.h>

namespace ice_sys {

namespace {

EndpointFacts facts_of(const Ice::Endpoint& endpoint)
{
    EndpointFacts facts{};
    facts.text = lossy(endpoint.toString());
    auto info = endpoint.getInfo();
    if (!info)
    {
        return facts;
    }
    facts.transport = info->type();
    facts.datagram = info->datagram();
    facts.secure = info->secure();
    facts.compress = info->compress;
    facts.timeout = info->timeout;
    for (; info; info = info->underlying)
    {
        if (const auto ip = std::dynamic_pointer_cast<Ice::IPEndpointInfo>(info))
        {
            facts.addressed = true;
            facts.host = lossy(ip->host);
            facts.port = ip->port;
            facts.source_address = lossy(ip->sourceAddress);
        }
        if (const auto udp = std::dynamic_pointer_cast<Ice::UDPEndpointInfo>(info))
        {
            facts.udp = true;
            facts.multicast_interface = lossy(udp->mcastInterface);
            facts.multicast_hops = udp->mcastTtl;
        }
        if (const auto websocket = std::dynamic_pointer_cast<Ice::WSEndpointInfo>(info))
        {
            facts.websocket = true;
            facts.resource = lossy(websocket->resource);
        }
        if (const auto opaque = std::dynamic_pointer_cast<Ice::OpaqueEndpointInfo>(info))
        {
            facts.opaque = true;
            facts.encoding_major = opaque->rawEncoding.major;
            facts.encoding_minor = opaque->rawEncoding.minor;
            for (const auto byte : opaque->rawBytes)
            {
                facts.bytes.push_back(byte);
            }
        }
    }
    return facts;
}

rust::Vec<EndpointFacts> facts_of(const Ice::EndpointSeq& endpoints)
{
    rust::Vec<EndpointFacts> all;
    for (const auto& endpoint : endpoints)
    {
        all.push_back(facts_of(*endpoint));
    }
    return all;
}

CertificateFacts facts_of(const IceSSL::Certificate& certificate)
{
    return {
        lossy(certificate.encode()),
        lossy(certificate.getSubjectDN()),
        lossy(certificate.getIssuerDN()),
        lossy(certificate.getSerialNumber()),
    };
}

} // namespace

rust::Vec<EndpointFacts> proxy_endpoints(const ObjectPrx& proxy)
{
    return facts_of(proxy.ice_getEndpoints());
}

rust::Vec<EndpointFacts> adapter_endpoints(const ObjectAdapter& adapter, bool published)
{
    return facts_of(published ? adapter.getPublishedEndpoints() : adapter.getEndpoints());
}

EndpointFacts connection_endpoint(const Connection& connection)
{
    return facts_of(*connection.getEndpoint());
}

ConnectionFacts connection_info(const Connection& connection)
{
    ConnectionFacts facts{};
    auto info = connection.getInfo();
    if (!info)
    {
        return facts;
    }
    facts.incoming = info->incoming;
    facts.adapter_name = lossy(info->adapterName);
    facts.connection_id = lossy(info->connectionId);
    for (; info; info = info->underlying)
    {
        if (const auto ip = std::dynamic_pointer_cast<Ice::IPConnectionInfo>(info))
        {
            facts.addressed = true;
            facts.local_address = lossy(ip->localAddress);
            facts.local_port = ip->localPort;
            facts.remote_address = lossy(ip->remoteAddress);
            facts.remote_port = ip->remotePort;
        }
        if (const auto tcp = std::dynamic_pointer_cast<Ice::TCPConnectionInfo>(info))
        {
            facts.receive_buffer = tcp->rcvSize;
            facts.send_buffer = tcp->sndSize;
        }
        if (const auto udp = std::dynamic_pointer_cast<Ice::UDPConnectionInfo>(info))
        {
            facts.receive_buffer = udp->rcvSize;
            facts.send_buffer = udp->sndSize;
            facts.multicast_address = lossy(udp->mcastAddress);
            facts.multicast_port = udp->mcastPort;
        }
        if (const auto websocket = std::dynamic_pointer_cast<Ice::WSConnectionInfo>(info))
        {
            facts.websocket = true;
            for (const auto& [name, value] : websocket->headers)
            {
                facts.headers.push_back({lossy(name), lossy(value)});
            }
        }
        if (const auto tls = std::dynamic_pointer_cast<IceSSL::ConnectionInfo>(info))
        {
            facts.tls = true;
            facts.cipher = lossy(tls->cipher);
            facts.verified = tls->verified;
            for (const auto& certificate : tls->certs)
            {
                facts.certificates.push_back(facts_of(*certificate));
            }
        }
    }
    return facts;
}

} // namespace ice_sys
