//! Trying again: how often, and how long to wait in between.

use std::time::Duration;

use super::failure::{Failure, Result};

/// The wait after the first failure; each later one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that we choose ourselves.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The longest wait that a server's `Retry-After` gets.
const LONGEST_ASKED: Duration = Duration::from_mins(2);

/// How often to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries(pub u32);

impl Retries {
    /// The wait before the attempt after the `failed`-th failure, counted from 1. `chance` lies in 0..1 and keeps
    /// those who failed together from coming back together. A server's own wish is the least.
    fn wait(failed: u32, asked: Duration, chance: f64) -> Duration {
        let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(failed.saturating_sub(1))).min(LONGEST_WAIT);
        let own = doubled.div_f64(2.0) + doubled.div_f64(2.0).mul_f64(chance);
        own.max(asked.min(LONGEST_ASKED))
    }

    /// The wait after the `failed`-th failure, counted from 1, when a server asked for the time `asked`.
    pub(crate) fn pause(failed: u32, asked: Duration) -> Duration {
        Self::wait(failed, asked, chance())
    }

    /// Runs `attempt` until it succeeds, fails for good, or has failed once more than there are retries. `told` hears
    /// of each failure that is followed by another attempt, and of the wait.
    pub(crate) async fn run<T>(
        self,
        told: impl Fn(&Failure, Duration),
        attempt: impl AsyncFnMut() -> Result<T>,
    ) -> Result<T> {
        self.run_with(told, attempt, tokio::time::sleep, chance).await
    }

    async fn run_with<T, S: Future<Output = ()>>(
        self,
        told: impl Fn(&Failure, Duration),
        mut attempt: impl AsyncFnMut() -> Result<T>,
        sleep: impl Fn(Duration) -> S,
        chance: impl Fn() -> f64,
    ) -> Result<T> {
        for failed in 1.. {
            let failure = match attempt().await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            let Some(asked) = failure.again() else { return Err(failure) };
            if failed > self.0 {
                return Err(if self.0 == 0 {
                    failure
                } else {
                    failure.of(format_args!("gave up after {failed} attempts"))
                });
            }
            let wait = Self::wait(failed, asked, chance());
            told(&failure, wait);
            sleep(wait).await;
        }
        Err(Failure::last("too many attempts"))
    }
}

/// A number in 0..1.
fn chance() -> f64 {
    let (_, low) = uuid::Uuid::new_v4().as_u64_pair();
    f64::from((low & 0xffff_ffff) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let seconds = Duration::from_secs;
        let none = Duration::ZERO;
        for (failed, asked, chance, expected) in [
            (1, none, 0.0, 250),
            (1, none, 1.0, 500),
            (2, none, 0.0, 500),
            (2, none, 0.5, 750),
            (3, none, 1.0, 2_000),
            (7, none, 1.0, 30_000),
            (4_000_000, none, 1.0, 30_000),
            (1, seconds(7), 1.0, 7_000),
            (6, seconds(1), 0.0, 8_000),
            (1, seconds(86_400), 0.0, 120_000),
        ] {
            assert_eq!(Retries::wait(failed, asked, chance), Duration::from_millis(expected), "{failed} {asked:?}");
        }
    }

    /// Runs attempts with these results, without any clock: the result, and the waits in milliseconds.
    async fn run(retries: u32, mut results: Vec<Result<u8>>) -> (Result<u8>, Vec<u128>) {
        let waits = RefCell::new(Vec::new());
        results.reverse();
        let attempt = async || results.pop().unwrap();
        let sleep = |wait: Duration| {
            waits.borrow_mut().push(wait.as_millis());
            std::future::ready(())
        };
        let done = Retries(retries).run_with(|_, _| {}, attempt, sleep, || 1.0).await;
        (done, waits.into_inner())
    }

    #[tokio::test]
    async fn only_temporary_failures_are_tried_again() {
        let cut = || Err(Failure::temporary("cut"));
        let asked = Err(Failure::temporary("busy").after(Some(Duration::from_secs(3))));
        assert_eq!(run(7, vec![Ok(1)]).await, (Ok(1), vec![]));
        assert_eq!(run(7, vec![cut(), asked, cut(), Ok(1)]).await, (Ok(1), vec![500, 3_000, 2_000]));
        assert_eq!(run(7, vec![cut(), Err(Failure::last("no"))]).await, (Err(Failure::last("no")), vec![500]));
        let (result, waits) = run(2, vec![cut(), cut(), cut()]).await;
        assert_eq!((result, waits), (Err(Failure::temporary("gave up after 3 attempts: cut")), vec![500, 1_000]));
        assert_eq!(run(0, vec![cut()]).await, (cut(), vec![]));
    }

    #[test]
    fn chances_differ() {
        let chances: Vec<f64> = (0..20).map(|_| chance()).collect();
        assert!(chances.iter().all(|chance| (0.0..=1.0).contains(chance)));
        assert!(chances.windows(2).any(|pair| (pair[0] - pair[1]).abs() > f64::EPSILON));
    }
}
