//! The state machine of a session (RFC 2326, appendix A.2): which request is in order, without any
//! input or output.
//!
//! Whether packets flow at this moment is not among it: that is the stream's business, whose film
//! may end while a request is on its way, and every request that is in order is so either way.

use rtsp_types::StatusCode;

/// A session's state: the tracks that are set up, and whether it has played. It exists from the
/// first SETUP to TEARDOWN, so there is no state before or after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    tracks: Vec<bool>,
    /// After the first PLAY the tracks are fixed: their numbers and reports belong together.
    has_played: bool,
}

impl Machine {
    /// A session of a title with that many tracks.
    pub(crate) fn new(tracks: usize) -> Self {
        Self {
            tracks: vec![false; tracks],
            has_played: false,
        }
    }

    /// SETUP of a track, again or for the first time.
    ///
    /// # Errors
    ///
    /// The status to answer with: 404 where there is no such track, 455 once the session has
    /// played.
    pub(crate) fn set_up(&mut self, track: usize) -> Result<(), StatusCode> {
        self.may_set_up(track)?;
        self.tracks[track] = true;
        Ok(())
    }

    /// Whether [`set_up`](Self::set_up) would be in order.
    pub(crate) fn may_set_up(&self, track: usize) -> Result<(), StatusCode> {
        if track >= self.tracks.len() {
            return Err(StatusCode::NotFound);
        }
        if self.has_played {
            return Err(StatusCode::MethodNotValidInThisState);
        }
        Ok(())
    }

    /// PLAY, PAUSE or TEARDOWN, aimed at the whole or at one track. At any time: PLAY of what plays may seek,
    /// PAUSE of what is paused changes nothing.
    ///
    /// # Errors
    ///
    /// The status to answer with: 404 where that track is not set up, 460 where others are set up
    /// beside it, 455 where none is.
    pub(crate) fn may_control(&self, aimed: Option<usize>) -> Result<(), StatusCode> {
        let set_up = self.tracks.iter().filter(|set_up| **set_up).count();
        if set_up == 0 {
            return Err(StatusCode::MethodNotValidInThisState);
        }
        match aimed {
            None => Ok(()),
            Some(track) if !self.tracks.get(track).copied().unwrap_or(false) => {
                Err(StatusCode::NotFound)
            }
            Some(_) if set_up > 1 => Err(StatusCode::OnlyAggregateOperationAllowed),
            Some(_) => Ok(()),
        }
    }

    /// Packets flow for the first time, or again.
    pub(crate) fn played(&mut self) {
        self.has_played = true;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Ask {
        SetUp(usize),
        Play(Option<usize>),
        Pause(Option<usize>),
    }

    fn ask() -> impl Strategy<Value = Ask> {
        let aimed = prop::option::weighted(0.3, 0..3usize);
        prop_oneof![
            (0..3usize).prop_map(Ask::SetUp),
            aimed.clone().prop_map(Ask::Play),
            aimed.prop_map(Ask::Pause),
        ]
    }

    proptest! {
        #[test]
        fn any_sequence_of_requests_keeps_to_the_rules(asks in prop::collection::vec(ask(), 1..40)) {
            let mut machine = Machine::new(2);
            let (mut set_up, mut played) = ([false; 2], false);
            for ask in asks {
                let before = machine.clone();
                let answer = match ask {
                    Ask::SetUp(track) => machine.set_up(track),
                    Ask::Play(aimed) => machine.may_control(aimed).map(|()| machine.played()),
                    Ask::Pause(aimed) => machine.may_control(aimed),
                };
                let count = set_up.iter().filter(|x| **x).count();
                let wanted = match ask {
                    Ask::SetUp(2) => Err(StatusCode::NotFound),
                    Ask::SetUp(_) if played => Err(StatusCode::MethodNotValidInThisState),
                    Ask::Play(_) | Ask::Pause(_) if count == 0 => Err(StatusCode::MethodNotValidInThisState),
                    Ask::Play(Some(track)) | Ask::Pause(Some(track)) if track > 1 || !set_up[track] => Err(StatusCode::NotFound),
                    Ask::Play(Some(_)) | Ask::Pause(Some(_)) if count > 1 => Err(StatusCode::OnlyAggregateOperationAllowed),
                    _ => Ok(()),
                };
                prop_assert_eq!(answer, wanted);
                match ask {
                    _ if answer.is_err() => prop_assert_eq!(&machine, &before, "a refusal changes nothing"),
                    Ask::SetUp(track) => set_up[track] = true,
                    Ask::Play(_) => played = true,
                    Ask::Pause(_) => {}
                }
            }
        }
    }
}
