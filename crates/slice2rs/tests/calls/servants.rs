//! The servants that are called: each gives back what it gets, in its way.

use ice::{Adapter, Communicator, Current, Error};

use crate::echo::{Echoing, Surprising};
use crate::generated::boundaries::EchoServant;
use crate::generated::errors::{
    Base, Calm, CalmServant, Derived, Empty, EmptyDerived, MostDerived, SlicedThrower,
    SlicedThrowerServant, Thrower, sliced_thrower, thrower,
};
use crate::generated::optionals::{
    Color as OptionalColor, Fixed, IntMap, Partial, PartialDerived, Sieve, SievePrx, SieveServant,
    StringMap, Variable, sieve,
};
use crate::generated::server::beyond::ServerServant;
use crate::generated::types::{
    Color, Everything, Mirror, MirrorPrx, MirrorServant, Museums, Paint, Plain, Shapes,
};
use crate::peer;

pub(crate) struct Server {
    pub(crate) communicator: Communicator,
    adapter: Adapter,
}

/// A communicator of its own with an object for each servant.
pub(crate) fn start() -> Server {
    let communicator = peer::communicator();
    let adapter = communicator
        .create_adapter_with_endpoints("Servants", "tcp -h 127.0.0.1")
        .expect("loopback has a free port");
    let added = [
        adapter.add(MirrorServant::new(Looking), ice::Identity::new("mirror")),
        adapter.add(
            SlicedThrowerServant::new(Throwing),
            ice::Identity::new("thrower"),
        ),
        adapter.add(CalmServant::new(Throwing), ice::Identity::new("calm")),
        adapter.add(SieveServant::new(Passing), ice::Identity::new("sieve")),
        adapter.add(EchoServant::new(Echoing), ice::Identity::new("echo")),
        adapter.add(
            ServerServant::new(Surprising),
            ice::Identity::new("unknown"),
        ),
    ];
    for proxy in added {
        proxy.expect("the identity is free");
    }
    adapter.activate().expect("it was held until now");
    Server {
        communicator,
        adapter,
    }
}

pub(crate) fn endpoint(server: &Server) -> String {
    let endpoints = server.adapter.endpoints();
    let endpoints: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
    endpoints.join(":")
}

struct Looking;

impl Mirror for Looking {
    async fn same_everything(&self, value: Everything, _: &Current) -> Result<Everything, Error> {
        Ok(value)
    }

    async fn same_scalars(
        &self,
        a: bool,
        b: u8,
        c: i16,
        d: i32,
        _: &Current,
    ) -> Result<(bool, i64, f32, f64), Error> {
        Ok((a, i64::from(d), f32::from(c), f64::from(b)))
    }

    async fn same_text(&self, value: String, _: &Current) -> Result<String, Error> {
        Ok(value)
    }

    async fn same_color(&self, value: Color, _: &Current) -> Result<Color, Error> {
        Ok(value)
    }

    async fn same_bytes(&self, value: Vec<u8>, _: &Current) -> Result<Vec<u8>, Error> {
        Ok(value)
    }

    async fn same_shapes(&self, value: Shapes, _: &Current) -> Result<Shapes, Error> {
        Ok(value)
    }

    async fn same_paint(&self, value: Paint, _: &Current) -> Result<Paint, Error> {
        Ok(value)
    }

    async fn same_museums(&self, value: Museums, _: &Current) -> Result<Museums, Error> {
        Ok(value)
    }

    async fn same_plain(&self, value: Plain, _: &Current) -> Result<Plain, Error> {
        Ok(value)
    }

    async fn same_itself(
        &self,
        value: Option<MirrorPrx>,
        _: &Current,
    ) -> Result<Option<MirrorPrx>, Error> {
        Ok(value)
    }

    async fn same_objects(
        &self,
        value: Vec<Option<ice::ObjectPrx>>,
        _: &Current,
    ) -> Result<Vec<Option<ice::ObjectPrx>>, Error> {
        Ok(value)
    }

    async fn twice(&self, value: String, _: &Current) -> Result<(String, String), Error> {
        Ok((value.clone(), value))
    }
}

struct Throwing;

/// An exception so far from its base.
fn throw<E>(depth: i32) -> Result<(), E>
where
    E: From<Base> + From<Derived> + From<MostDerived>,
{
    let why = "asked".to_owned();
    match depth {
        0 => Ok(()),
        1 => Err(Base { why }.into()),
        2 => Err(Derived { why, code: 9 }.into()),
        _ => Err(MostDerived {
            why,
            code: 9,
            detail: "deep".to_owned(),
        }
        .into()),
    }
}

impl Thrower for Throwing {
    async fn throw_base(&self, why: String, _: &Current) -> Result<(), thrower::ThrowBaseError> {
        Err(Base { why }.into())
    }

    async fn throw_any(&self, depth: i32, _: &Current) -> Result<i32, thrower::ThrowAnyError> {
        match depth {
            -1 => Err(Empty {}.into()),
            -2 => Err(EmptyDerived {}.into()),
            -3 => Err(Error::unknown("neither").into()),
            depth => throw(depth).map(|()| depth),
        }
    }

    async fn throw_nothing(&self, _: &Current) -> Result<(), Error> {
        Ok(())
    }
}

impl Calm for Throwing {
    async fn state(&self, _: &Current) -> Result<String, Error> {
        Ok("calm".to_owned())
    }

    async fn count(&self, _: &Current) -> Result<i32, Error> {
        Ok(1)
    }
}

impl SlicedThrower for Throwing {
    async fn throw_sliced(
        &self,
        depth: i32,
        _: &Current,
    ) -> Result<(), sliced_thrower::ThrowSlicedError> {
        throw(depth)
    }

    async fn throw_compact(
        &self,
        depth: i32,
        _: &Current,
    ) -> Result<(), sliced_thrower::ThrowCompactError> {
        throw(depth)
    }
}

struct Passing;

impl Sieve for Passing {
    async fn pass_one(&self, value: Option<i32>, _: &Current) -> Result<Option<i32>, Error> {
        Ok(value)
    }

    async fn pass_scalars(
        &self,
        a: Option<u8>,
        b: Option<i16>,
        c: Option<i64>,
        d: Option<f32>,
        e: Option<f64>,
        f: Option<bool>,
        _: &Current,
    ) -> Result<
        (
            Option<bool>,
            Option<u8>,
            Option<i16>,
            Option<i64>,
            Option<f32>,
            Option<f64>,
        ),
        Error,
    > {
        Ok((f, a, b, c, d, e))
    }

    async fn pass_text(
        &self,
        before: i32,
        value: Option<String>,
        after: i32,
        _: &Current,
    ) -> Result<(Option<String>, i32), Error> {
        Ok((value, before + after))
    }

    async fn pass_color(
        &self,
        value: Option<OptionalColor>,
        _: &Current,
    ) -> Result<Option<OptionalColor>, Error> {
        Ok(value)
    }

    async fn pass_fixed(&self, value: Option<Fixed>, _: &Current) -> Result<Option<Fixed>, Error> {
        Ok(value)
    }

    async fn pass_variable(
        &self,
        value: Option<Variable>,
        _: &Current,
    ) -> Result<Option<Variable>, Error> {
        Ok(value)
    }

    async fn pass_bytes(
        &self,
        value: Option<Vec<u8>>,
        _: &Current,
    ) -> Result<Option<Vec<u8>>, Error> {
        Ok(value)
    }

    async fn pass_ints(
        &self,
        value: Option<Vec<i32>>,
        _: &Current,
    ) -> Result<Option<Vec<i32>>, Error> {
        Ok(value)
    }

    async fn pass_strings(
        &self,
        value: Option<Vec<String>>,
        _: &Current,
    ) -> Result<Option<Vec<String>>, Error> {
        Ok(value)
    }

    async fn pass_fixeds(
        &self,
        value: Option<Vec<Fixed>>,
        _: &Current,
    ) -> Result<Option<Vec<Fixed>>, Error> {
        Ok(value)
    }

    async fn pass_int_map(
        &self,
        value: Option<IntMap>,
        _: &Current,
    ) -> Result<Option<IntMap>, Error> {
        Ok(value)
    }

    async fn pass_string_map(
        &self,
        value: Option<StringMap>,
        _: &Current,
    ) -> Result<Option<StringMap>, Error> {
        Ok(value)
    }

    async fn pass_proxy(
        &self,
        value: Option<Option<SievePrx>>,
        _: &Current,
    ) -> Result<Option<Option<SievePrx>>, Error> {
        Ok(value)
    }

    async fn fail(
        &self,
        number: Option<i32>,
        text: Option<String>,
        derived: bool,
        _: &Current,
    ) -> Result<(), sieve::FailError> {
        let always = "always".to_owned();
        Err(if derived {
            let more = number.map(|number| vec![number; 3]);
            PartialDerived {
                always,
                number,
                text,
                more,
            }
            .into()
        } else {
            Partial {
                always,
                number,
                text,
            }
            .into()
        })
    }
}
