//! Compiles the contract and its extensions.

fn main() -> Result<(), slice2rs::Error> {
    slice2rs::Builder::new().compile(&["slice/IceFlix.ice", "slice/Owner.ice", "slice/Status.ice"])
}
