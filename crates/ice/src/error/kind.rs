//! Every local exception of Ice 3.7, as one closed list.

/// What part of the work a failure belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Group {
    /// The communicator, a plug-in or a property could not be set up.
    Setup,
    /// A string could not be read: a proxy, an endpoint, an identity, a version.
    Parse,
    /// The target says that it has no such object, facet or operation.
    NotExist,
    /// The target failed and says no more than a reason.
    Unknown,
    /// The connection could not be made, or broke.
    Connection,
    /// Something took longer than it may.
    Timeout,
    /// The peer broke the rules of the protocol.
    Protocol,
    /// Bytes that do not decode, or are too many.
    Marshal,
    /// The communicator, the adapter or the call was ended on this side.
    Ended,
    /// The request is not possible with this proxy or this configuration.
    Usage,
    /// Access was refused.
    Security,
}

macro_rules! kinds {
    ($( $(#[$doc:meta])* $name:ident = $type_id:literal, $group:ident, $phrase:literal; )*) => {
        /// Which failure: one variant for each local exception of Ice 3.7.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $( $(#[$doc])* $name, )*
        }

        impl ErrorKind {
            /// All kinds, in the order of their declaration.
            pub const ALL: &'static [ErrorKind] = &[$( ErrorKind::$name, )*];

            /// The Slice type id of the exception, `::Ice::TimeoutException` for example.
            #[must_use]
            pub fn type_id(self) -> &'static str {
                match self { $( ErrorKind::$name => $type_id, )* }
            }

            /// The part of the work that the failure belongs to.
            #[must_use]
            pub fn group(self) -> Group {
                match self { $( ErrorKind::$name => Group::$group, )* }
            }

            /// The kind in a few plain words.
            #[must_use]
            pub fn phrase(self) -> &'static str {
                match self { $( ErrorKind::$name => $phrase, )* }
            }

            /// The kind of the exception with this Slice type id; `UnknownLocal` where Ice 3.7 has none such.
            #[must_use]
            pub fn from_type_id(type_id: &str) -> ErrorKind {
                match type_id { $( $type_id => ErrorKind::$name, )* _ => ErrorKind::UnknownLocal }
            }
        }
    };
}

kinds! {
    /// The communicator could not be made.
    Initialization = "::Ice::InitializationException", Setup, "initialisation failed";
    /// A plug-in could not be loaded.
    PluginInitialization = "::Ice::PluginInitializationException", Setup, "a plug-in could not be initialised";
    /// A collocated object was called in a way that is not possible in one process.
    CollocationOptimization = "::Ice::CollocationOptimizationException", Usage, "not possible for a collocated object";
    /// A servant, locator or plug-in is registered under this name already.
    AlreadyRegistered = "::Ice::AlreadyRegisteredException", Usage, "already registered";
    /// Nothing is registered under this name; from a locator: it knows no such adapter or object.
    NotRegistered = "::Ice::NotRegisteredException", Connection, "not registered";
    /// An operation with a result was called through a oneway or datagram proxy.
    TwowayOnly = "::Ice::TwowayOnlyException", Usage, "the operation has a result or an exception: it needs a twoway proxy";
    /// A value cannot be cloned.
    CloneNotImplemented = "::Ice::CloneNotImplementedException", Usage, "cannot be cloned";
    /// The target failed in a way that Ice has no words for.
    Unknown = "::Ice::UnknownException", Unknown, "the target failed";
    /// The target met a local exception of its own.
    UnknownLocal = "::Ice::UnknownLocalException", Unknown, "the target met an Ice error of its own";
    /// The target raised a user exception that the operation does not declare.
    UnknownUser = "::Ice::UnknownUserException", Unknown, "the target raised an exception that the operation does not declare";
    /// Headers and library of Ice are of different versions.
    VersionMismatch = "::Ice::VersionMismatchException", Setup, "the Ice library has another version than its headers";
    /// The communicator is destroyed already.
    CommunicatorDestroyed = "::Ice::CommunicatorDestroyedException", Ended, "the communicator is destroyed";
    /// The adapter is deactivated already.
    ObjectAdapterDeactivated = "::Ice::ObjectAdapterDeactivatedException", Ended, "the adapter is deactivated";
    /// Another adapter has this id at the locator.
    ObjectAdapterIdInUse = "::Ice::ObjectAdapterIdInUseException", Setup, "another adapter uses this adapter id";
    /// The proxy has no endpoint that can be used.
    NoEndpoint = "::Ice::NoEndpointException", Connection, "the proxy has no usable endpoint";
    /// An endpoint string could not be read.
    EndpointParse = "::Ice::EndpointParseException", Parse, "not an endpoint";
    /// An endpoint selection could not be read.
    EndpointSelectionTypeParse = "::Ice::EndpointSelectionTypeParseException", Parse, "not an endpoint selection";
    /// A version could not be read.
    VersionParse = "::Ice::VersionParseException", Parse, "not a version";
    /// An identity string could not be read.
    IdentityParse = "::Ice::IdentityParseException", Parse, "not an identity";
    /// A proxy string could not be read.
    ProxyParse = "::Ice::ProxyParseException", Parse, "not a proxy";
    /// An identity has an empty name.
    IllegalIdentity = "::Ice::IllegalIdentityException", Usage, "an identity needs a name";
    /// A servant is null.
    IllegalServant = "::Ice::IllegalServantException", Usage, "not a servant";
    /// A request failed, and the target said no more.
    RequestFailed = "::Ice::RequestFailedException", NotExist, "the request failed";
    /// The target has no object of this identity.
    ObjectNotExist = "::Ice::ObjectNotExistException", NotExist, "the object does not exist";
    /// The object has no such facet.
    FacetNotExist = "::Ice::FacetNotExistException", NotExist, "the facet does not exist";
    /// The object has no such operation.
    OperationNotExist = "::Ice::OperationNotExistException", NotExist, "the operation does not exist";
    /// The operating system refused.
    Syscall = "::Ice::SyscallException", Connection, "the operating system refused";
    /// A socket failed.
    Socket = "::Ice::SocketException", Connection, "a socket failed";
    /// A socket of Apple's CFNetwork failed.
    CfNetwork = "::Ice::CFNetworkException", Connection, "a socket failed";
    /// A file could not be read.
    File = "::Ice::FileException", Setup, "a file could not be read";
    /// No connection could be made.
    ConnectFailed = "::Ice::ConnectFailedException", Connection, "could not connect";
    /// Nobody listens there.
    ConnectionRefused = "::Ice::ConnectionRefusedException", Connection, "connection refused";
    /// The connection broke.
    ConnectionLost = "::Ice::ConnectionLostException", Connection, "connection lost";
    /// A host name could not be resolved.
    Dns = "::Ice::DNSException", Connection, "the host could not be found";
    /// The operation was interrupted.
    OperationInterrupted = "::Ice::OperationInterruptedException", Ended, "interrupted";
    /// Something took too long.
    Timeout = "::Ice::TimeoutException", Timeout, "timed out";
    /// Connecting took too long.
    ConnectTimeout = "::Ice::ConnectTimeoutException", Timeout, "connecting timed out";
    /// Closing the connection took too long.
    CloseTimeout = "::Ice::CloseTimeoutException", Timeout, "closing the connection timed out";
    /// The connection was idle for too long.
    ConnectionTimeout = "::Ice::ConnectionTimeoutException", Timeout, "the connection timed out";
    /// The answer took longer than the proxy's invocation time-out.
    InvocationTimeout = "::Ice::InvocationTimeoutException", Timeout, "no answer in time";
    /// The call was cancelled on this side.
    InvocationCanceled = "::Ice::InvocationCanceledException", Ended, "the call was cancelled";
    /// The peer broke the protocol.
    Protocol = "::Ice::ProtocolException", Protocol, "the peer broke the protocol";
    /// The peer does not speak Ice.
    BadMagic = "::Ice::BadMagicException", Protocol, "the peer does not speak Ice";
    /// The peer speaks another version of the protocol.
    UnsupportedProtocol = "::Ice::UnsupportedProtocolException", Protocol, "this version of the protocol is not supported";
    /// The bytes are in an encoding that is not supported.
    UnsupportedEncoding = "::Ice::UnsupportedEncodingException", Protocol, "this encoding is not supported";
    /// A message of an unknown type.
    UnknownMessage = "::Ice::UnknownMessageException", Protocol, "a message of unknown type";
    /// A message came before the connection was validated.
    ConnectionNotValidated = "::Ice::ConnectionNotValidatedException", Protocol, "the connection is not validated";
    /// An answer to a question that was not asked.
    UnknownRequestId = "::Ice::UnknownRequestIdException", Protocol, "an answer to no request";
    /// An answer of unknown status.
    UnknownReplyStatus = "::Ice::UnknownReplyStatusException", Protocol, "an answer of unknown status";
    /// The peer closed the connection in an orderly way.
    CloseConnection = "::Ice::CloseConnectionException", Connection, "the peer closed the connection";
    /// The connection was closed on this side.
    ConnectionManuallyClosed = "::Ice::ConnectionManuallyClosedException", Connection, "the connection was closed on this side";
    /// A message whose size is impossible.
    IllegalMessageSize = "::Ice::IllegalMessageSizeException", Protocol, "a message of impossible size";
    /// A message could not be compressed or decompressed.
    Compression = "::Ice::CompressionException", Protocol, "a message could not be decompressed";
    /// The request does not fit into a datagram.
    DatagramLimit = "::Ice::DatagramLimitException", Usage, "too large for a datagram";
    /// Bytes that do not decode.
    Marshal = "::Ice::MarshalException", Marshal, "the bytes do not decode";
    /// A proxy that does not decode.
    ProxyUnmarshal = "::Ice::ProxyUnmarshalException", Marshal, "a proxy does not decode";
    /// The bytes end too early.
    UnmarshalOutOfBounds = "::Ice::UnmarshalOutOfBoundsException", Marshal, "the bytes end too early";
    /// A class value of unknown type.
    NoValueFactory = "::Ice::NoValueFactoryException", Marshal, "a class value of unknown type";
    /// A class value of the wrong type.
    UnexpectedObject = "::Ice::UnexpectedObjectException", Marshal, "a class value of the wrong type";
    /// The message is larger than `Ice.MessageSizeMax`.
    MemoryLimit = "::Ice::MemoryLimitException", Marshal, "larger than Ice.MessageSizeMax";
    /// A string that is not UTF-8.
    StringConversion = "::Ice::StringConversionException", Marshal, "a string is not UTF-8";
    /// An encapsulation whose size is impossible.
    Encapsulation = "::Ice::EncapsulationException", Marshal, "an encapsulation of impossible size";
    /// The installed Ice cannot do this.
    FeatureNotSupported = "::Ice::FeatureNotSupportedException", Usage, "not supported";
    /// The peer may not do this, or its certificate is not trusted.
    Security = "::Ice::SecurityException", Security, "refused for reasons of security";
    /// A fixed proxy cannot do this.
    FixedProxy = "::Ice::FixedProxyException", Usage, "not possible with a fixed proxy";
    /// The answer was given already.
    ResponseSent = "::Ice::ResponseSentException", Usage, "the answer was given already";
}

#[cfg(test)]
mod tests {
    use super::ErrorKind;

    #[test]
    fn every_kind_is_found_again_by_its_type_id() {
        for kind in ErrorKind::ALL {
            assert_eq!(ErrorKind::from_type_id(kind.type_id()), *kind);
        }
    }
}
