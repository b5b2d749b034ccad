//! Compiles the interfaces that hostile bytes are thrown at.

fn main() -> Result<(), slice2rs::Error> {
    slice2rs::Builder::new().compile(&["slice/Hostile.ice"])
}
