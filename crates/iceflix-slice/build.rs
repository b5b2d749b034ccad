//! Compiles the contract.

fn main() -> Result<(), slice2rs::Error> {
    slice2rs::Builder::new().compile(&["slice/IceFlix.ice"])
}
