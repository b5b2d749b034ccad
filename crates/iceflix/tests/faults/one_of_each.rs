//! A platform with one of each kind.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use iceflix_slice::MediaCatalogPrx;
use iceflix_testkit::{
    Platform,
    film::Film,
    peer::Peer,
    platform::{PASSWORD, Service, Services, USER},
    process::PATIENCE,
};
use nix::sys::signal::Signal;

const FILM: Film = Film::mp4("Lighthouse", 20, 294);

struct House {
    platform: Platform,
    services: Services,
}

impl House {
    fn open() -> Self {
        let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
        FILM.copy_to(&platform.films());
        let services = platform.services();
        let house = Self { platform, services };
        house.until("the film is found", |house| house.finds_the_film());
        house
    }

    fn finds_the_film(&self) -> bool {
        let output = self
            .platform
            .run(&["client", &self.services.main.proxy, "show", FILM.name]);
        output.status.success()
    }

    fn logs_in(&self) -> bool {
        let login = ["client", &self.services.main.proxy, "login", "--user", USER];
        self.platform
            .run_with_input(&login, PASSWORD)
            .status
            .success()
    }

    fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "never: {what}");
        }
    }
}

#[test]
fn the_death_of_one_of_two_instances_costs_no_operation() {
    let house = House::open();
    let second_auth = house.platform.service(&["auth"]);
    let mut second_catalog = house.platform.service(&["catalog"]);
    let known = |service: &Service| {
        house.services.main.process.log_with(&[&service.id()]);
    };
    known(&second_auth);
    known(&second_catalog);
    let mut second_auth = second_auth;
    second_auth.process.kill();
    second_catalog.process.kill();
    for _ in 0..6 {
        assert!(house.logs_in());
        assert!(house.finds_the_film());
    }
}

#[test]
fn a_broker_that_comes_back_finds_everything_as_it_was() {
    let mut house = House::open();
    house.platform.broker.kill();
    assert!(
        house.finds_the_film(),
        "without a broker what is known stays known"
    );
    house.platform.broker.restart();
    // A catalogue that starts now knows only what it hears.
    let Services { catalog, .. } = &mut house.services;
    assert!(catalog.process.stop().success());
    house.services.catalog = house.platform.service(&["catalog"]);
    house.until("the film is found again", House::finds_the_film);
}

#[test]
fn a_title_whose_server_died_is_known_but_not_available() {
    let mut house = House::open();
    house.services.streaming.process.kill();
    house.until("the server is missed", |house| {
        let show = house
            .platform
            .run(&["client", &house.services.main.proxy, "show", FILM.name]);
        String::from_utf8_lossy(&show.stderr)
            .contains("is known, but no streaming server that has it is alive")
    });
    let films = house.platform.films();
    house.services.streaming = house
        .platform
        .service(&["streaming", films.to_str().unwrap()]);
    house.until("the film is back", House::finds_the_film);
}

#[test]
fn an_edit_is_kept_though_the_catalogue_is_killed_right_after_its_answer() {
    let mut house = House::open();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for n in 0..3 {
        let (main, catalog) = (&house.services.main.proxy, &mut house.services.catalog);
        let name = format!("{} {n}", FILM.name);
        runtime.block_on(async {
            let stranger = Peer::join(&house.platform);
            let issuer = stranger.authenticator(&stranger.proxy(main)).await;
            let hash = iceflix_client::password::hash(PASSWORD);
            let token = issuer.refresh_authorization(USER, &hash).await.unwrap();
            let titles: MediaCatalogPrx = stranger.proxy(&catalog.proxy);
            let found = titles.get_tiles_by_name("", false).await.unwrap();
            let tag = [format!("tag {n}")];
            titles.add_tags(&found[0], &tag, &token).await.unwrap();
            titles.rename_tile(&found[0], &name, &token).await.unwrap();
            catalog.process.kill();
            stranger.communicator.destroy().await;
        });
        *catalog = house.platform.service(&["catalog"]);
        let shown = || {
            let main = &house.services.main.proxy;
            let shown = house.platform.run(&["client", main, "show", &name]);
            String::from_utf8_lossy(&shown.stdout).into_owned()
        };
        house.until("the last edits are seen", |_| {
            let shown = shown();
            shown.contains(&name) && shown.contains(&format!("tag {n}"))
        });
    }
}

#[test]
fn films_that_come_and_go_are_noticed() {
    let house = House::open();
    let another = Film::mp4("Late Arrival", 3, 777).copy_to(&house.platform.films());
    let shows = |house: &House| {
        house
            .platform
            .run(&["client", &house.services.main.proxy, "show", "Late Arrival"])
            .status
            .success()
    };
    house.until("the new film is found", shows);
    std::fs::remove_file(another).unwrap();
    house.until("it is gone", |house| !shows(house));
    assert!(house.finds_the_film());
}

#[test]
fn a_user_who_is_removed_is_out_and_one_who_is_added_is_in() {
    let house = House::open();
    house.platform.add_user("ben", "another password");
    let ben = |house: &House| {
        let login = [
            "client",
            &house.services.main.proxy,
            "login",
            "--user",
            "ben",
        ];
        house
            .platform
            .run_with_input(&login, "another password")
            .status
            .success()
    };
    house.until("ben is let in", ben);
    assert!(
        house
            .platform
            .run(&["user", "remove", "ben"])
            .status
            .success()
    );
    house.until("ben is kept out", |house| !ben(house));
    assert!(house.logs_in());
}

#[test]
fn a_broker_that_hangs_delays_no_stop() {
    let mut house = House::open();
    house.platform.broker.process().signal(Signal::SIGSTOP);
    for service in [
        &mut house.services.streaming,
        &mut house.services.catalog,
        &mut house.services.auth,
        &mut house.services.main,
    ] {
        let begun = Instant::now();
        let status = service.process.stop();
        assert!(status.success(), "{status}: {}", service.process.log());
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "it took {:?}: {}",
            begun.elapsed(),
            service.process.log()
        );
    }
}

#[test]
fn a_user_signal_ends_no_service_and_the_end_of_the_terminal_ends_it_cleanly() {
    let mut house = House::open();
    let services = &mut house.services;
    let mut all = [
        &mut services.main,
        &mut services.auth,
        &mut services.catalog,
        &mut services.streaming,
    ];
    for service in &all {
        service.process.signal(Signal::SIGUSR1);
    }
    for service in &mut all {
        // It comes after the other, which is no end then.
        service.process.signal(Signal::SIGHUP);
        let status = service.process.wait();
        assert!(status.success(), "{status}: {}", service.process.log());
    }
}

#[test]
fn bytes_that_are_no_ice_end_no_service() {
    let house = House::open();
    for service in [
        &house.services.main,
        &house.services.auth,
        &house.services.catalog,
        &house.services.streaming,
    ] {
        let port = service
            .proxy
            .split("-p ")
            .nth(1)
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap();
        for bytes in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"IceP\x01\x00\x01\x00\x00\x00\xff\xff\xff\xff",
            &[0xff; 4096],
        ] {
            let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(5)))
                .unwrap();
            let _ = stream.write_all(bytes);
            let _ = stream.read(&mut [0; 64]);
        }
    }
    assert!(house.logs_in());
    assert!(house.finds_the_film());
}
