//! CPU and delay from one viewer to a thousand, as a picture for the docs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::cpu::{TITLES, ours};
use crate::film::HD;
use crate::viewers::{WAYS, Way};

const VIEWERS: [usize; 8] = [1, 10, 50, 100, 200, 400, 700, 1_000];

/// The picture's edges, in its own units.
const LEFT: f64 = 60.0;
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 180.0;

/// A measured point: viewers, ms a viewer-second, delay of 999 in 1,000 packets in ms.
type Point = (usize, f64, usize);

pub(crate) fn measure() {
    let films = HD.titles(TITLES);
    println!(
        "\n{:<8} {:>8} {:>20} {:>20} {:>8} {:>8}",
        "", "viewers", "ms a viewer-second", "delay 999/1,000, ms", "lost", "late"
    );
    let mut lines: Vec<(Way, Vec<Point>)> = Vec::new();
    for way in WAYS {
        let mut points = Vec::new();
        for number in VIEWERS {
            let (cost, tally) = ours(&films, HD, number, way);
            let delay = tally.delay(0.999);
            println!(
                "{:<8} {number:>8} {cost:>20.2} {delay:>20} {:>8} {:>8}",
                way.name(),
                tally.lost,
                tally.late
            );
            points.push((number, cost, delay));
        }
        lines.push((way, points));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/streaming.svg");
    fs::write(&path, draw(&lines)).unwrap();
}

fn draw(lines: &[(Way, Vec<Point>)]) -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 680 500\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"680\" height=\"500\" fill=\"white\"/>\n",
    );
    let cost = |point: &Point| point.1;
    let delay = |point: &Point| point.2 as f64;
    let top = |value: &dyn Fn(&Point) -> f64, least: f64| {
        let highest = lines.iter().flat_map(|(_, points)| points).map(value);
        highest.fold(least, f64::max)
    };
    panel(
        &mut svg,
        40.0,
        "CPU, ms a viewer-second (from 10 viewers on)",
        top(&|p| if p.0 < 10 { 0.0 } else { cost(p) }, 1.2),
        1.0,
        lines,
        &cost,
    );
    panel(
        &mut svg,
        290.0,
        "delay that 999 of 1,000 packets stay below, ms",
        top(&delay, 110.0),
        100.0,
        lines,
        &delay,
    );
    svg.push_str("</svg>\n");
    svg
}

/// One diagram: viewers to the right, on a logarithmic scale, `value` upwards.
fn panel(
    svg: &mut String,
    above: f64,
    title: &str,
    highest: f64,
    wanted: f64,
    lines: &[(Way, Vec<Point>)],
    value: &dyn Fn(&Point) -> f64,
) {
    let x = |viewers: usize| LEFT + WIDTH * (viewers as f64).log10() / 3.0;
    let y = |value: f64| above + HEIGHT * (1.0 - value.min(highest) / highest);
    let (right, bottom) = (LEFT + WIDTH, above + HEIGHT);
    let text = |svg: &mut String, x: f64, y: f64, anchor: &str, text: &str| {
        let _ = writeln!(
            svg,
            "<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    };
    text(svg, LEFT, above - 10.0, "start", title);
    let _ = writeln!(
        svg,
        "<path d=\"M{LEFT} {above}V{bottom}H{right}\" fill=\"none\" stroke=\"black\"/>"
    );
    for viewers in [1, 10, 50, 100, 200, 400, 1_000] {
        text(
            svg,
            x(viewers),
            bottom + 16.0,
            "middle",
            &viewers.to_string(),
        );
    }
    let limit = y(wanted);
    let _ = writeln!(
        svg,
        "<path d=\"M{LEFT} {limit:.0}H{right}\" stroke=\"gray\" stroke-dasharray=\"4\"/>"
    );
    text(svg, LEFT - 6.0, limit + 4.0, "end", &format!("{wanted}"));
    text(svg, LEFT - 6.0, bottom + 4.0, "end", "0");
    for ((way, points), colour) in lines.iter().zip(["#0b62a4", "#c4540c"]) {
        let places: Vec<String> = points
            .iter()
            .map(|point| format!("{:.1},{:.1}", x(point.0), y(value(point))))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            places.join(" ")
        );
        let last = points.last().unwrap();
        let below = if *way == Way::Udp { -4.0 } else { 14.0 };
        text(
            svg,
            right + 6.0,
            y(value(last)) + below,
            "start",
            way.name(),
        );
    }
}
