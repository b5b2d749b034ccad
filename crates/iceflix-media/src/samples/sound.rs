//! What the sample films play: tunes as notes, and the instrument that plays them.

use std::f32::consts::TAU;

/// Samples a second.
pub(super) const RATE: usize = 48_000;

/// A tune: a melody over chords that are broken up or struck, again from the start when it ends.
pub(super) struct Tune {
    /// The length of a beat in seconds.
    beat: f32,
    /// Beats a bar.
    bar: usize,
    /// The chord of each bar, its bass first, in semitones as MIDI counts them.
    chords: &'static [[u8; 4]],
    /// Which notes of the chord are struck at the beats of a bar, and in the middle between them.
    figure: &'static [&'static [usize]],
    /// The melody: length in beats and pitch; 0 is a rest.
    melody: &'static [(f32, u8)],
    /// How long a note sounds, in seconds until it is down to a third.
    ring: f32,
}

/// Slow, and wide open.
pub(super) const NORTHERN_LIGHTS: Tune = Tune {
    beat: 0.75,
    bar: 4,
    chords: &[
        [45, 57, 64, 71],
        [41, 57, 60, 67],
        [48, 55, 64, 71],
        [43, 59, 62, 69],
    ],
    figure: &[&[0], &[1], &[2], &[3], &[2], &[1], &[3], &[2]],
    melody: &[
        (3.0, 76),
        (1.0, 79),
        (3.0, 81),
        (1.0, 76),
        (2.0, 79),
        (2.0, 74),
        (3.0, 71),
        (1.0, 0),
        (2.0, 72),
        (2.0, 76),
        (3.0, 84),
        (1.0, 83),
        (2.0, 79),
        (2.0, 76),
        (4.0, 74),
    ],
    ring: 1.1,
};

/// A song that rocks like a boat.
pub(super) const HIGH_TIDE: Tune = Tune {
    beat: 0.5,
    bar: 3,
    chords: &[
        [50, 57, 62, 66],
        [47, 59, 62, 66],
        [43, 59, 62, 67],
        [45, 57, 61, 64],
    ],
    figure: &[&[0], &[], &[1, 2], &[], &[3], &[2]],
    melody: &[
        (2.0, 78),
        (1.0, 76),
        (2.0, 74),
        (1.0, 73),
        (1.5, 71),
        (0.5, 73),
        (1.0, 74),
        (3.0, 69),
        (2.0, 66),
        (1.0, 69),
        (2.0, 71),
        (1.0, 74),
        (1.5, 76),
        (0.5, 78),
        (1.0, 76),
        (3.0, 74),
    ],
    ring: 0.8,
};

/// A waltz for a barrel organ.
pub(super) const CAROUSEL: Tune = Tune {
    beat: 0.3,
    bar: 3,
    chords: &[
        [48, 60, 64, 67],
        [48, 60, 64, 67],
        [43, 59, 62, 65],
        [43, 59, 62, 67],
    ],
    figure: &[&[0], &[], &[1, 2, 3], &[], &[1, 2, 3], &[]],
    melody: &[
        (1.0, 79),
        (0.5, 76),
        (0.5, 79),
        (1.0, 84),
        (2.0, 83),
        (1.0, 79),
        (1.0, 77),
        (0.5, 74),
        (0.5, 77),
        (1.0, 81),
        (3.0, 79),
        (1.0, 76),
        (0.5, 72),
        (0.5, 76),
        (1.0, 79),
        (1.5, 81),
        (0.5, 79),
        (1.0, 77),
        (1.0, 74),
        (1.0, 71),
        (1.0, 74),
        (3.0, 72),
    ],
    ring: 0.35,
};

impl Tune {
    /// The tune for this many seconds: left and right in turn, signed 16 bits.
    pub(super) fn play(&self, seconds: usize) -> Vec<i16> {
        let mut mix = vec![[0.0; 2]; seconds * RATE];
        let end = seconds as f32;
        let melody = self.melody.iter().cycle().scan(0.0, |at, (beats, pitch)| {
            let start = *at;
            *at += beats * self.beat;
            Some((start, *pitch))
        });
        for (start, pitch) in melody
            .take_while(|(start, _)| *start < end)
            .filter(|(_, pitch)| *pitch > 0)
        {
            self.strike(&mut mix, start, pitch, 0.20, 0.55);
        }
        let half = self.beat / 2.0;
        let bar = self.bar as f32 * self.beat;
        for (number, chord) in self
            .chords
            .iter()
            .cycle()
            .enumerate()
            .take_while(|(n, _)| *n as f32 * bar < end)
        {
            for (step, notes) in self.figure.iter().enumerate() {
                for note in *notes {
                    let start = number as f32 * bar + step as f32 * half;
                    self.strike(
                        &mut mix,
                        start,
                        chord[*note],
                        if *note == 0 { 0.17 } else { 0.09 },
                        0.40,
                    );
                }
            }
        }
        // The last second fades.
        let frames = mix.len();
        let loudness = |n: usize| ((frames - n) as f32 / RATE as f32).min(1.0);
        mix.iter()
            .enumerate()
            .flat_map(|(n, frame)| frame.map(|part| sample(part * loudness(n))))
            .collect()
    }

    /// Adds a note; `place` is 0 at the left and 1 at the right.
    fn strike(&self, mix: &mut [[f32; 2]], start: f32, pitch: u8, loudness: f32, place: f32) {
        let frequency = 440.0 * ((f32::from(pitch) - 69.0) / 12.0).exp2();
        let first = ((start * RATE as f32) as usize).min(mix.len());
        let length = (self.ring * 5.0 * RATE as f32) as usize;
        for (n, frame) in mix[first..].iter_mut().take(length).enumerate() {
            let t = n as f32 / RATE as f32;
            let phase = t * frequency * TAU;
            // A soft attack, and overtones that fade before the tone does.
            let envelope = (t * 120.0).min(1.0) * (-t / self.ring).exp();
            let overtones = (-t * 3.0 / self.ring).exp();
            let tone =
                phase.sin() + overtones * (0.45 * (2.0 * phase).sin() + 0.20 * (3.0 * phase).sin());
            let part = tone * envelope * loudness;
            frame[0] += part * (1.0 - place);
            frame[1] += part * place;
        }
    }
}

fn sample(part: f32) -> i16 {
    // Loud moments are bent rather than cut.
    (part.tanh() * 32_000.0) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tune_is_heard_from_the_start_to_the_end_and_fades() {
        for tune in [NORTHERN_LIGHTS, HIGH_TIDE, CAROUSEL] {
            let samples = tune.play(4);
            assert_eq!(samples.len(), 4 * RATE * 2);
            for second in samples.chunks(RATE * 2) {
                assert!(second.iter().any(|sample| sample.unsigned_abs() > 1_500));
            }
            assert!(
                samples[samples.len() - 200..]
                    .iter()
                    .all(|sample| sample.unsigned_abs() < 100)
            );
        }
    }

    #[test]
    fn melodies_fill_whole_bars() {
        for tune in [NORTHERN_LIGHTS, HIGH_TIDE, CAROUSEL] {
            let beats: f32 = tune.melody.iter().map(|(beats, _)| beats).sum();
            assert_eq!(beats % tune.bar as f32, 0.0);
            assert_eq!(tune.figure.len(), 2 * tune.bar);
        }
    }
}
