//! What costs too much to be looked up whenever somebody asks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// How long a look is good for.
const FRESH: Duration = Duration::from_secs(15);
/// How long whoever asks waits for one: less than any scraper.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last look at something.
pub struct Kept<T>(Mutex<Look<T>>);

struct Look<T> {
    tried: Option<Instant>,
    found: Option<Arc<T>>,
}

impl<T> Kept<T> {
    /// Nobody has looked yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Mutex::new(Look { tried: None, found: None }))
    }

    /// The last look, after another one if that is old. `look` is a function, so that nothing begins without need. When
    /// looking fails or takes too long, it is the one before, and the next one is due when a good one would be.
    pub async fn get<E, L>(&self, look: impl FnOnce() -> L) -> Option<Arc<T>>
    where
        L: Future<Output = Result<T, E>>,
        E: std::fmt::Display,
    {
        // Whoever holds it has it no longer than `PATIENCE`.
        let mut last = self.0.lock().await;
        if last.tried.is_none_or(|tried| tried.elapsed() >= FRESH) {
            match tokio::time::timeout(PATIENCE, look()).await {
                Ok(Ok(found)) => last.found = Some(Arc::new(found)),
                Ok(Err(error)) => tracing::warn!(%error, "the state of the registry cannot be read for /metrics"),
                Err(_) => tracing::warn!("the state of the registry took too long to read for /metrics"),
            }
            last.tried = Some(Instant::now());
        }
        last.found.clone()
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_look_is_kept_and_a_failed_one_changes_nothing() {
        let kept = Kept::new();
        let fails = || async { Err::<u8, _>("no") };
        assert_eq!(kept.get(fails).await, None);
        // Not again so soon.
        assert_eq!(kept.get(|| async { Ok::<_, &str>(1) }).await, None);
        kept.0.lock().await.tried = None;
        assert_eq!(kept.get(|| async { Ok::<_, &str>(1) }).await.as_deref(), Some(&1));
        assert_eq!(kept.get(|| async { Ok::<_, &str>(2) }).await.as_deref(), Some(&1));
        kept.0.lock().await.tried = None;
        assert_eq!(kept.get(fails).await.as_deref(), Some(&1));
        kept.0.lock().await.tried = None;
        assert_eq!(kept.get(std::future::pending::<Result<u8, &str>>).await.as_deref(), Some(&1));
        kept.0.lock().await.tried = None;
        assert_eq!(kept.get(|| async { Ok::<_, &str>(2) }).await.as_deref(), Some(&2));
    }
}
