//! No arguments make the settings panic, take an unknown property of ours, or take a value that cannot be read afterwards.
//!
//! Each line of an input is an argument.
#![no_main]

use iceflix_service::settings::property::{self, ALL};
use iceflix_service::settings::{Error, Property, Settings, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    // Files are the operating system's, and reading any that chance names is not what is tried here.
    let arguments = text
        .lines()
        .filter(|line| !line.contains("Config"))
        .map(str::to_owned);
    let settings = match Settings::load(arguments) {
        Ok((settings, _)) => settings,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for name in settings.properties().for_prefix("IceFlix.").keys() {
        assert!(
            ALL.iter().any(|known| known.name == name),
            "{name:?} was taken"
        );
    }
    can_be_read(&settings, &property::ANNOUNCE_INTERVAL);
    can_be_read(&settings, &property::TOKEN_LIFETIME);
    can_be_read(&settings, &property::USER_DATABASE);
    can_be_read(&settings, &property::CACHE_DIR);
    can_be_read(&settings, &property::TITLE_DATABASE);
    can_be_read(&settings, &property::CLIENT_RETRIES);
    can_be_read(&settings, &property::CLIENT_RETRY_DELAY);
    can_be_read(&settings, &property::DATA_DIR);
    can_be_read(&settings, &property::LOG_FORMAT);
    can_be_read(&settings, &property::LOG_LEVEL);
    can_be_read(&settings, &property::FILM_DIRECTORY);
    can_be_read(&settings, &property::STREAM_GRACE);
    can_be_read(&settings, &property::RTSP_ENDPOINT);
});

fn can_be_read<T: Value>(settings: &Settings, property: &Property<T>) {
    match settings.get(property) {
        Ok(_) | Err(Error::Missing { .. }) => {}
        Err(error) => panic!("taken, and then: {error}"),
    }
}
