//! Rounds among candidates that are numbers, on a clock that is turned by hand.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use ice::{Error, ErrorKind};
use tokio::time::sleep;

use super::*;

/// What befell whom, in order.
#[derive(Clone, Debug, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, text: String) {
        self.0.lock().expect("whole").push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("whole"))
    }
}

struct Numbers(Mutex<VecDeque<u64>>, Notes, Duration);

impl Source for Numbers {
    type Candidate = u64;

    async fn next(&self, _: bool) -> Option<u64> {
        let next = self.0.lock().expect("whole").pop_front()?;
        if next > 0 {
            sleep(self.2).await;
        }
        self.1.note(format!("ask {next}"));
        Some(next)
    }

    fn silent(&self, candidate: &u64) {
        self.1.note(format!("silent {candidate}"));
    }

    fn answered(&self, candidate: &u64) {
        self.1.note(format!("answered {candidate}"));
    }

    fn lost(&self, candidate: &u64, _: &Error) {
        self.1.note(format!("lost {candidate}"));
    }
}

type Answer = Result<&'static str, Error>;

fn unreachable() -> Answer {
    Err(Error::new(ErrorKind::ConnectionRefused, ""))
}

/// Goes round as many candidates as there are answers, each after its time in
/// milliseconds.
async fn round(
    patience: Patience,
    answers: &[(u64, Answer)],
) -> (Option<Answer>, Vec<String>, u128) {
    round_looking(Duration::ZERO, patience, answers).await
}

/// The same, where it takes a while to find the next candidate.
async fn round_looking(
    looking: Duration,
    patience: Patience,
    answers: &[(u64, Answer)],
) -> (Option<Answer>, Vec<String>, u128) {
    let notes = Notes::default();
    let numbers = (0..answers.len() as u64).collect();
    let numbers = Numbers(Mutex::new(numbers), notes.clone(), looking);
    let begun = Instant::now();
    let answer = go_round(numbers, patience, usual_worth, |number| {
        let (after, answer) = answers[number as usize].clone();
        async move {
            sleep(Duration::from_millis(after)).await;
            answer
        }
    });
    let answer = answer.await;
    (answer, notes.take(), begun.elapsed().as_millis())
}

fn text(answer: Option<Answer>) -> &'static str {
    answer.expect("an answer").expect("a good one")
}

const NEVER: u64 = 3_600_000;

#[tokio::test(start_paused = true)]
async fn one_that_answers_is_the_only_one_that_is_asked() {
    let answers = [(100, Ok("a")), (0, Ok("b"))];
    let (answer, notes, _) = round(Patience::READ, &answers).await;
    assert_eq!(text(answer), "a");
    assert_eq!(notes, ["ask 0", "answered 0"]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_holds_where_nobody_does_it() {
    let refusal = || Err(Error::unknown("no"));
    let (answer, ..) = round(Patience::READ, &[(0, refusal()), (0, Ok("b"))]).await;
    assert_eq!(text(answer), "b");
    let answers = [(0, unreachable()), (0, refusal()), (0, unreachable())];
    let (answer, notes, _) = round(Patience::READ, &answers).await;
    let refused = answer.expect("an answer").expect_err("a refusal");
    assert_eq!(refused.reason(), "no");
    assert_eq!(
        notes,
        ["ask 0", "lost 0", "ask 1", "answered 1", "ask 2", "lost 2"]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_reached_has_a_successor_at_once() {
    let answers = [(0, unreachable()), (0, unreachable()), (0, Ok("c"))];
    let (answer, notes, took) = round(Patience::EDIT, &answers).await;
    assert_eq!(text(answer), "c");
    assert_eq!(
        notes,
        ["ask 0", "lost 0", "ask 1", "lost 1", "ask 2", "answered 2"]
    );
    assert_eq!(took, 0);
}

#[tokio::test(start_paused = true)]
async fn the_silence_of_several_is_not_added_up() {
    let answers = [
        (NEVER, Ok("a")),
        (NEVER, Ok("b")),
        (NEVER, Ok("c")),
        (0, Ok("d")),
    ];
    let (answer, notes, took) = round(Patience::READ, &answers).await;
    assert_eq!(text(answer), "d");
    assert_eq!(
        notes,
        ["ask 0", "silent 0", "ask 1", "ask 2", "ask 3", "answered 3"]
    );
    assert!((500..520).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn no_more_than_four_are_asked_at_once() {
    let silent = || (1500, unreachable());
    let answers = [silent(), silent(), silent(), silent(), (0, Ok("e"))];
    let (answer, _, took) = round(Patience::READ, &answers).await;
    assert_eq!(text(answer), "e");
    assert!((1500..1520).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_of_the_first_is_taken_and_ends_the_doubt() {
    let answers = [(400, Ok("a")), (NEVER, Ok("b"))];
    let (answer, notes, took) = round(Patience::READ, &answers).await;
    assert_eq!(text(answer), "a");
    assert_eq!(notes, ["ask 0", "silent 0", "ask 1", "answered 0"]);
    assert!((400..420).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn an_edit_is_with_one_at_a_time() {
    let answers = [(1500, unreachable()), (0, Ok("b"))];
    let (answer, notes, _) = round(Patience::EDIT, &answers).await;
    assert_eq!(text(answer), "b");
    assert_eq!(
        notes,
        ["ask 0", "silent 0", "lost 0", "ask 1", "answered 1"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_all_is_a_failure() {
    let (answer, notes, _) = round(Patience::READ, &[(0, unreachable()), (0, unreachable())]).await;
    assert!(answer.expect("a failure").is_err());
    assert_eq!(notes, ["ask 0", "lost 0", "ask 1", "lost 1"]);
    assert!(round(Patience::READ, &[]).await.0.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_round_ends_whoever_hangs() {
    let answers = [(NEVER, Ok("a")), (NEVER, Ok("b"))];
    let (answer, _, took) = round(Patience::READ, &answers).await;
    assert!(answer.is_none());
    assert!((3000..3020).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_does_not_wait_for_whoever_hangs() {
    let answers = [(0, Err(Error::unknown("no"))), (NEVER, Ok("b"))];
    let (answer, _, took) = round(Patience::READ, &answers).await;
    assert!(answer.expect("an answer").is_err());
    assert!((300..320).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_heard_while_the_next_is_looked_for() {
    let answers = [(320, Ok("a")), (0, Ok("b"))];
    let looking = Duration::from_secs(10);
    let (answer, _, took) = round_looking(looking, Patience::READ, &answers).await;
    assert_eq!(text(answer), "a");
    assert!((320..330).contains(&took), "{took}");
}
