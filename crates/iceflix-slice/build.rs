//! Compiles the contract and its extension.

fn main() -> Result<(), slice2rs::Error> {
    slice2rs::Builder::new().compile(&["slice/IceFlix.ice", "slice/Status.ice"])
}
