//! The golden files as code: they build without a warning, that of missing documentation included.
#![deny(warnings)]

// By `include!`, as a build script's output is taken in.
macro_rules! golden {
    ($($module:ident = $file:literal;)+) => {
        $(
            #[doc = concat!("What `", $file, "` holds.")]
            pub mod $module {
                include!(concat!("golden/", $file));
            }
        )+
    };
}

golden! {
    beyond = "Beyond.rs";
    boundaries = "Boundaries.rs";
    documents = "Documents.rs";
    errors = "Errors.rs";
    names = "Names.rs";
    optionals = "Optionals.rs";
    types = "Types.rs";
}
