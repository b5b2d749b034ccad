//! What exceptions carry beyond their kind and their reason.

use crate::identity::Identity;

/// What an exception carries beyond its kind and its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Details {
    /// Nothing.
    #[default]
    None,
    /// What is registered already, or is not (`AlreadyRegistered`, `NotRegistered`).
    Registration {
        /// `servant`, `facet`, `object adapter` and so on.
        kind_of_object: String,
        /// Its name.
        id: String,
    },
    /// The name or the id of an adapter (`ObjectAdapterDeactivated`, `ObjectAdapterIdInUse`).
    Adapter(String),
    /// The operation that has an answer (`TwowayOnly`).
    Operation(String),
    /// The proxy in its string form (`NoEndpoint`).
    Proxy(String),
    /// The identity (`IllegalIdentity`).
    Identity(Identity),
    /// What was called (`RequestFailed`, `ObjectNotExist`, `FacetNotExist`, `OperationNotExist`), as the
    /// target says.
    Request {
        /// The identity.
        identity: Identity,
        /// The facet; empty for the default one.
        facet: String,
        /// The operation.
        operation: String,
    },
    /// The number of an error of the system (`Syscall`, `Socket`, `ConnectFailed`, `ConnectionRefused`, `ConnectionLost`); 0
    /// where the peer closed the connection. [`std::io::Error::from_raw_os_error`] has words for it.
    System(i32),
    /// The number of an error of the system, and the file that it befell (`File`).
    File {
        /// The number.
        error: i32,
        /// The file.
        path: String,
    },
    /// The number of an error of the resolver, and the host that was looked for (`Dns`).
    Host {
        /// The number.
        error: i32,
        /// The host.
        host: String,
    },
    /// What stood where a message says that it is one (`BadMagic`).
    Magic(Vec<u8>),
    /// A version, and the one that is known here: major and minor (`UnsupportedProtocol`, `UnsupportedEncoding`).
    Version {
        /// The one that is not supported.
        bad: (u8, u8),
        /// The one that is.
        supported: (u8, u8),
    },
    /// Whether the peer was told (`ConnectionManuallyClosed`).
    Closed {
        /// It was.
        graceful: bool,
    },
    /// A type id, and the one that is wanted in its place, where that is known (`NoValueFactory`,
    /// `UnexpectedObject`).
    Type {
        /// The type that came.
        found: String,
        /// The type that was expected.
        expected: Option<String>,
    },
    /// What is not supported (`FeatureNotSupported`).
    Feature(String),
}

impl Details {
    /// What the fields of an exception, under the names of its Slice definition, say. No two exceptions use a name in
    /// two meanings but where the other names tell them apart.
    pub(super) fn from_fields(fields: &[(String, String)]) -> Self {
        let text = |name: &str| {
            fields
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        };
        let number = |name: &str| text(name).and_then(|value| value.parse::<i32>().ok());
        let identity = || {
            Some(Identity::with_category(
                text("id.name")?,
                text("id.category")?,
            ))
        };
        let version = |name: &str| {
            let (major, minor) = text(name)?
                .split_once('.')
                .map(|(major, minor)| (major.parse::<u8>(), minor.parse::<u8>()))?;
            Some((major.ok()?, minor.ok()?))
        };
        let names = fields.iter().map(|(name, _)| name.as_str());
        let read = || {
            Some(match names.collect::<Vec<_>>()[..] {
                ["kindOfObject", "id"] => Self::Registration {
                    kind_of_object: text("kindOfObject")?,
                    id: text("id")?,
                },
                ["name"] => Self::Adapter(text("name")?),
                ["id"] => Self::Adapter(text("id")?),
                ["operation"] => Self::Operation(text("operation")?),
                ["proxy"] => Self::Proxy(text("proxy")?),
                ["id.name", "id.category"] => Self::Identity(identity()?),
                ["id.name", "id.category", "facet", "operation"] => Self::Request {
                    identity: identity()?,
                    facet: text("facet")?,
                    operation: text("operation")?,
                },
                ["error"] => Self::System(number("error")?),
                ["error", "path"] => Self::File {
                    error: number("error")?,
                    path: text("path")?,
                },
                ["error", "host"] => Self::Host {
                    error: number("error")?,
                    host: text("host")?,
                },
                ["badMagic"] => Self::Magic(
                    text("badMagic")?
                        .split_whitespace()
                        .filter_map(|byte| byte.parse().ok())
                        .collect(),
                ),
                ["bad", "supported"] => Self::Version {
                    bad: version("bad")?,
                    supported: version("supported")?,
                },
                ["graceful"] => Self::Closed {
                    graceful: number("graceful")? != 0,
                },
                ["type"] => Self::Type {
                    found: text("type")?,
                    expected: None,
                },
                ["type", "expectedType"] => Self::Type {
                    found: text("type")?,
                    expected: text("expectedType"),
                },
                ["unsupportedFeature"] => Self::Feature(text("unsupportedFeature")?),
                _ => return None,
            })
        };
        read().unwrap_or_default()
    }
}
