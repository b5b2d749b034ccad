use std::fmt;

/// Who is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Cpp,
    Python,
    Rust,
}

impl Language {
    pub(crate) const ALL: [Language; 3] = [Language::Cpp, Language::Python, Language::Rust];
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Language::Cpp => "C++",
            Language::Python => "Python",
            Language::Rust => "Rust",
        })
    }
}
