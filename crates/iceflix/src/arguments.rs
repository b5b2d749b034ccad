//! Ice properties and words share a command line; this tells them apart.

/// The arguments of a process, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// `--Name.Part=value`: for Ice, in order.
    pub(crate) properties: Vec<String>,
    /// The program's name and everything else, in order.
    pub(crate) words: Vec<String>,
}

impl Arguments {
    /// Sorts them. A property is what has the shape of one: two dashes and a
    /// name with a dot in it, begun by a capital. It may stand anywhere before
    /// a lone `--`.
    pub(crate) fn sort(arguments: impl IntoIterator<Item = String>) -> Self {
        let mut sorted = Self::default();
        let mut only_words = false;
        for argument in arguments {
            only_words |= argument == "--";
            if !only_words && is_property(&argument) {
                sorted.properties.push(argument);
            } else {
                sorted.words.push(argument);
            }
        }
        sorted
    }
}

fn is_property(argument: &str) -> bool {
    argument.strip_prefix("--").is_some_and(|rest| {
        let name = rest.split('=').next().unwrap_or_default();
        name.starts_with(|first: char| first.is_ascii_uppercase()) && name.contains('.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort(line: &str) -> Arguments {
        Arguments::sort(line.split(' ').map(str::to_owned))
    }

    #[test]
    fn properties_may_stand_anywhere() {
        let sorted = sort("iceflix --Ice.Config=a.conf auth --IceFlix.DataDir=/d --help");
        assert_eq!(
            sorted.properties,
            ["--Ice.Config=a.conf", "--IceFlix.DataDir=/d"]
        );
        assert_eq!(sorted.words, ["iceflix", "auth", "--help"]);
    }

    #[test]
    fn options_of_the_program_are_words() {
        assert!(
            sort("iceflix client search --exact --json=x.y")
                .properties
                .is_empty()
        );
    }

    #[test]
    fn nothing_behind_a_lone_dash_pair_is_a_property() {
        assert_eq!(sort("iceflix streaming -- --Films.Of=1999").words.len(), 4);
    }
}
