//! What the front pages of the crates show, as tests: it compiles, and the Slice in it is that of the examples.

#[doc = include_str!("../crates/ice/README.md")]
mod ice {}

#[doc = include_str!("../crates/ice-sys/README.md")]
mod ice_sys {}

#[doc = include_str!("../crates/icestorm/README.md")]
mod icestorm {}

#[doc = include_str!("../crates/slice2rs/README.md")]
mod slice2rs {}

#[cfg(test)]
mod tests {
    /// The first block of Slice on a page.
    fn slice(page: &str) -> &str {
        let (_, block) = page.split_once("```slice\n").expect("there is one");
        block.split_once("```").expect("it ends").0
    }

    #[test]
    fn the_slice_of_the_front_pages_is_that_of_the_examples() {
        let ice = include_str!("../crates/ice/README.md");
        assert_eq!(slice(ice), include_str!("./hello/Hello.ice"));
        let icestorm = include_str!("../crates/icestorm/README.md");
        assert_eq!(slice(icestorm), include_str!("./clock/Clock.ice"));
    }
}
