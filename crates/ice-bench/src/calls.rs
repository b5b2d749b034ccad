//! Calls, timed.

use std::error::Error;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::task::JoinSet;

use crate::slice::bench::TargetPrx;

/// How long `count` calls take: `how` is their size, or how many of them are under way at a time.
pub(crate) async fn measure(
    what: &str,
    target: &TargetPrx,
    how: usize,
    count: usize,
) -> Result<Duration, Box<dyn Error>> {
    let bytes = vec![7; how];
    let start = Instant::now();
    match what {
        "empty" if how == 1 => {
            for _ in 0..count {
                target.empty().await?;
            }
        }
        "empty" => window(target, how, count).await?,
        "tasks" => tasks(target, how, count).await?,
        "get" => {
            let size = i32::try_from(how)?;
            for _ in 0..count {
                if target.get(size).await?.len() != how {
                    return Err("another size than asked for".into());
                }
            }
        }
        "put" => {
            for _ in 0..count {
                target.put(&bytes).await?;
            }
        }
        _ => return Err(format!("unknown: {what}").into()),
    }
    Ok(start.elapsed())
}

/// Keeps `width` calls under way in this one task.
async fn window(target: &TargetPrx, width: usize, count: usize) -> Result<(), ice::Error> {
    let mut pending = FuturesUnordered::new();
    for _ in 0..count {
        if pending.len() == width {
            pending.try_next().await?;
        }
        pending.push(target.empty());
    }
    while pending.try_next().await?.is_some() {}
    Ok(())
}

/// Keeps `width` calls under way: as many tasks, each of which makes one call after the other.
async fn tasks(target: &TargetPrx, width: usize, count: usize) -> Result<(), Box<dyn Error>> {
    let mut tasks = JoinSet::new();
    for one in 0..width {
        let calls = count / width + usize::from(one < count % width);
        let target = target.clone();
        tasks.spawn(async move {
            for _ in 0..calls {
                target.empty().await?;
            }
            Ok::<_, ice::Error>(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}
