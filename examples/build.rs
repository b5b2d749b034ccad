//! Compiles the Slice file of each example.

fn main() -> Result<(), slice2rs::Error> {
    let compiler = slice2rs::Builder::new()
        .include("/usr/share/ice/slice")
        .extern_module("::Ice", "ice");
    for file in [
        "hello/Hello.ice",
        "throughput/Throughput.ice",
        "latency/Latency.ice",
        "callback/Callback.ice",
        "bidirectional/Bidirectional.ice",
        "context/Context.ice",
        "default-servant/Notes.ice",
        "facets/Facets.ice",
        "clock/Clock.ice",
        "tls/Door.ice",
    ] {
        compiler.compile(&[file])?;
    }
    Ok(())
}
