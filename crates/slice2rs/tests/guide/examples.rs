// The Rust blocks of docs/slice-mapping.md.

mod example_0 {
use super::super::slice::demo::*;
fn look(color: Color) {
    assert_eq!(Color::DarkBlue as i32, 6);
    assert_eq!(Color::from_value(5), Some(Color::Green));
    assert_eq!(Color::from_value(1), None);
    match color {
        Color::Red | Color::Green | Color::DarkBlue => {}
    }
}
}

mod example_1 {
use super::super::slice::demo::*;
fn make() -> Point {
    Point { x: 3, ..Point::default() }
}
}

mod example_2 {
use super::super::slice::demo::*;
use ice::Prx as _;

async fn call(canvas: &CanvasPrx) -> Result<(), Box<dyn std::error::Error>> {
    let (points, width, height) = canvas.extent().await?;
    println!("{} points on {width} x {height}", points.len());

    match canvas.draw(&Gallery::new(), Color::Red).await {
        Ok(count) => println!("{count} points"),
        Err(canvas::DrawError::OutOfPaint(why)) => println!("no more {:?}", why.which),
        Err(why) => return Err(why.into()),
    }

    // Every proxy has the methods of `ice::Prx`: options, casts, the operations of every object.
    canvas.with_oneway().clear().await?;
    canvas.ice_ping().await?;
    Ok(())
}
}

mod example_3 {
use super::super::slice::demo::*;
use ice::Prx as _;

async fn tidy(canvases: &[CanvasPrx]) -> Result<(), ice::Error> {
    for canvas in canvases {
        let batch = canvas.with_batch_oneway();
        for _ in 0..3 {
            batch.clear().await?;
        }
        batch.flush_batch_requests().await?;
    }
    Ok(())
}
}

mod example_4 {
use super::super::slice::demo::*;
use ice::{Communicator, Error, Prx as _};

async fn find(communicator: &Communicator) -> Result<Option<CanvasPrx>, Error> {
    let object = communicator.string_to_proxy("canvas:tcp -h 127.0.0.1 -p 10000")?;
    // Asks the object whether it is one; `unchecked_cast` does not.
    object.checked_cast::<CanvasPrx>().await
}
}

mod example_5 {
use super::super::slice::demo::*;
use ice::{Current, Error};

struct Wall;

impl Canvas for Wall {
    async fn draw(
        &self,
        gallery: Gallery,
        _background: Color,
        current: &Current,
    ) -> Result<i32, canvas::DrawError> {
        if gallery.is_empty() {
            let why = format!("nothing to draw, {}", current.operation());
            return Err(DrawError { why }.into());
        }
        Ok(i32::try_from(gallery.len()).unwrap_or(i32::MAX))
    }

    async fn color_at(&self, _where: Point, _: &Current) -> Result<Color, Error> {
        // What the caller is told: an UnknownException with this reason.
        Err(Error::unknown("nobody has looked yet"))
    }

    async fn extent(&self, _: &Current) -> Result<(Points, i32, i32), Error> {
        Ok((Points::new(), 640, 480))
    }

    async fn title(&self, next: Option<String>, _: &Current) -> Result<Option<String>, Error> {
        Ok(next)
    }

    async fn clear(&self, _: &Current) -> Result<(), Error> {
        Ok(())
    }
}
}

mod example_6 {
use super::super::slice::demo::*;
use ice::{Adapter, Error, Identity, Prx as _};

fn serve(adapter: &Adapter, wall: impl Canvas) -> Result<CanvasPrx, Error> {
    let proxy = adapter.add(CanvasServant::new(wall), Identity::new("canvas"))?;
    adapter.activate()?;
    Ok(proxy.unchecked_cast())
}
}

mod example_7 {
use super::super::slice::demo::*;
async fn listen(exhibition: &ExhibitionPrx, listener: &ListenerPrx) -> Result<(), ice::Error> {
    exhibition.subscribe(Some(listener)).await
}
}

mod example_8 {
use super::super::slice::demo::*;
async fn rename(canvas: &CanvasPrx) -> Result<(), ice::Error> {
    let before: Option<String> = canvas.title(Some("Still life")).await?;
    let unchanged = canvas.title(None).await?;
    assert!(before.is_none() || unchanged.is_some());
    Ok(())
}
}
