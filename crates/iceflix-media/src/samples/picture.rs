//! What the sample films show: each a function of place and time.

use std::f32::consts::TAU;

/// The colour (red, green, blue; 0 to 1) of a place at a time. `x` runs from 0 at the left to
/// [`WIDE`] at the right, `y` from 0 at the top to 1, `t` in seconds.
pub(super) type Picture = fn(x: f32, y: f32, t: f32) -> [f32; 3];

/// How much wider than high the picture is.
pub(super) const WIDE: f32 = 16.0 / 9.0;

/// Over what distance an edge goes from one side to the other, so that no steps are seen in it when
/// the picture is made larger.
const SOFT: f32 = 0.012;

/// Curtains of light over mountains.
pub(super) fn northern_lights(x: f32, y: f32, t: f32) -> [f32; 3] {
    let ridge =
        0.80 + 0.06 * (x * 2.3 + 1.0).sin() + 0.035 * (x * 5.9).sin() + 0.012 * (x * 17.0).sin();
    let ground = mix([0.05, 0.09, 0.14], [0.01, 0.02, 0.04], (y - ridge) * 5.0);
    if y > ridge + SOFT {
        return ground;
    }
    let mut colour = mix([0.02, 0.03, 0.13], [0.06, 0.16, 0.24], y * 1.2);
    add(&mut colour, [0.9, 0.95, 1.0], star(x, y, t));
    for curtain in 0..3 {
        let phase = curtain as f32 * 1.9;
        let hem = 0.58 - 0.10 * curtain as f32
            + 0.09 * (x * 2.6 + t * 0.35 + phase).sin()
            + 0.04 * (x * 6.7 - t * 0.55 + phase * 2.0).sin();
        let height = hem - y;
        let glow = if height > 0.0 {
            (-height * 4.2).exp()
        } else {
            (height * 26.0).exp()
        };
        let rays = 0.62 + 0.38 * (x * 23.0 + 3.0 * (x * 3.1 + t * 0.6 + phase).sin() + t).sin();
        let pulse = 0.75 + 0.25 * (t * 0.7 + phase).sin();
        add(
            &mut colour,
            mix([0.15, 0.95, 0.50], [0.55, 0.20, 0.95], height * 2.6),
            glow * rays * pulse * 0.75,
        );
    }
    mix(colour, ground, (y - ridge) / SOFT)
}

/// The sun going down over a sea that rises.
pub(super) fn high_tide(x: f32, y: f32, t: f32) -> [f32; 3] {
    let sun = [WIDE / 2.0, 0.36 + t * 0.006];
    let mut colour = match y * 2.0 {
        up if up < 0.62 => mix([0.16, 0.09, 0.32], [0.80, 0.32, 0.36], up / 0.62),
        up => mix([0.80, 0.32, 0.36], [1.0, 0.74, 0.42], (up - 0.62) / 0.5),
    };
    let distance = ((x - sun[0]).powi(2) + (y - sun[1]).powi(2)).sqrt();
    add(
        &mut colour,
        [1.0, 0.62, 0.30],
        0.55 * (-distance * 4.5).exp(),
    );
    colour = mix(colour, [1.0, 0.94, 0.76], (0.125 - distance) * 90.0);
    for layer in 0..7 {
        let near = layer as f32;
        let level = 0.55 + 0.062 * near - t * 0.0022 * near
            + 0.004
                * (near + 1.0)
                * (x * (13.0 - 1.4 * near) + t * (0.9 + 0.22 * near) + near * 2.1).sin()
            + 0.003 * (near + 1.0) * (x * (5.0 + near) - t * 1.1 + near).sin();
        let depth = y - level;
        if depth < 0.0 {
            continue;
        }
        let mut water = mix(
            [0.80, 0.38, 0.36],
            [0.03, 0.12, 0.27],
            near / 5.0 + depth * 0.8,
        );
        let crest = (1.0 - depth * 45.0).max(0.0);
        let path = (-((x - sun[0]) * (7.0 - 0.6 * near)).powi(2)).exp();
        let glitter =
            0.5 + 0.5 * (y * 95.0 + 2.5 * (x * 8.0 + t * 0.9 + near).sin() - t * 2.2).sin();
        add(
            &mut water,
            [1.0, 0.72, 0.42],
            crest * 0.14 + path * glitter * 0.50,
        );
        colour = mix(colour, water, depth / SOFT);
    }
    colour
}

/// A striped roof that turns, with bulbs around it.
pub(super) fn carousel(x: f32, y: f32, t: f32) -> [f32; 3] {
    const CANDY: [[f32; 3]; 3] = [[0.91, 0.20, 0.32], [0.99, 0.93, 0.82], [0.10, 0.55, 0.62]];
    let (dx, dy) = (x - WIDE / 2.0, y - 0.47);
    let radius = (dx * dx + dy * dy).sqrt();
    let angle = dy.atan2(dx) / TAU;
    let night = mix([0.20, 0.10, 0.30], [0.05, 0.03, 0.12], radius);
    let turn = t * 0.09;
    // The stripes, and how near the next one begins, so that their edges are smooth.
    let stripe = (angle + turn + 0.035 * (radius * 9.0 - t * 1.3).sin()).rem_euclid(1.0) * 15.0;
    let (this, next) = (CANDY[stripe as usize % 3], CANDY[(stripe as usize + 1) % 3]);
    let edge = ((stripe.fract() - 0.90) / 0.10).max(0.0);
    let mut colour = mix(this, next, edge);
    let shade = 0.80 + 0.20 * (stripe.fract() * TAU / 2.0).sin();
    colour = colour.map(|part| part * shade * (1.08 - radius * 0.7));
    colour = mix(colour, [0.98, 0.80, 0.30], (0.055 - radius) * 60.0);
    colour = mix(colour, [0.72, 0.45, 0.14], (radius - 0.355) * 70.0);
    colour = mix(colour, night, (radius - 0.405) * 70.0);
    let bulb = (angle - turn * 0.5).rem_euclid(1.0) * 24.0;
    let along = (bulb.fract() - 0.5) * 0.38 / 24.0 * TAU;
    let off = (along.powi(2) + (radius - 0.38).powi(2)).sqrt();
    let lit = if (bulb as i32 + (t * 4.0) as i32) % 3 == 0 {
        1.0
    } else {
        0.35
    };
    add(
        &mut colour,
        [1.0, 0.86, 0.50],
        lit * (-(off * 75.0).powi(2)).exp() + lit * 0.22 * (-off * 24.0).exp(),
    );
    colour
}

/// From `a` to `b`, as `part` goes from 0 to 1; before and after that the one or the other.
fn mix(a: [f32; 3], b: [f32; 3], part: f32) -> [f32; 3] {
    let part = part.clamp(0.0, 1.0);
    std::array::from_fn(|n| a[n] + (b[n] - a[n]) * part)
}

fn add(colour: &mut [f32; 3], light: [f32; 3], strength: f32) {
    colour
        .iter_mut()
        .zip(light)
        .for_each(|(part, light)| *part += light * strength);
}

/// The light of the star at a place, if there is one; stars stand still and twinkle.
fn star(x: f32, y: f32, t: f32) -> f32 {
    let (column, row) = ((x * 60.0) as u32, (y * 60.0) as u32);
    let chance = (column.wrapping_mul(0x9e37_79b1) ^ row.wrapping_mul(0x85eb_ca77))
        .wrapping_mul(0xc2b2_ae3d)
        >> 16;
    if chance % 23 != 0 {
        return 0.0;
    }
    let (dx, dy) = ((x * 60.0).fract() - 0.5, (y * 60.0).fract() - 0.5);
    let twinkle = 0.6 + 0.4 * (t * 2.0 + chance as f32).sin();
    (-(dx * dx + dy * dy) * 22.0).exp() * twinkle * (0.9 - y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_a_colour_at_every_time_and_the_picture_moves() {
        for picture in [northern_lights, high_tide, carousel] {
            let mut moved = 0.0;
            for step in 0..2_000 {
                let (x, y) = ((step % 50) as f32 / 50.0 * WIDE, (step / 50) as f32 / 40.0);
                let [before, after] = [0.0, 1.0].map(|t| picture(x, y, t));
                assert!(
                    before
                        .iter()
                        .chain(&after)
                        .all(|part| part.is_finite() && *part >= 0.0)
                );
                moved += (0..3).map(|n| (before[n] - after[n]).abs()).sum::<f32>();
            }
            assert!(moved > 20.0, "{moved}");
        }
    }
}
