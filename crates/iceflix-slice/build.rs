//! Compiles the contract.

fn main() -> Result<(), slice2rs::Error> {
    slice2rs::Builder::new()
        .extern_module("::Ice", "ice")
        .compile(&["slice/IceFlix.ice"])
}
