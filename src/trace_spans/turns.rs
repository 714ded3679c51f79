//! How many requests with spans are in memory decoded: a small request can become a hundred times larger.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// How many requests are decoded at once. It is work for a processor, and more would not be done sooner.
const AT_ONCE: u32 = 4;
/// Bytes of a body, unpacked. A larger one is decoded while no other one is.
pub const LARGE: usize = 8 * 1024 * 1024;
/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(30);

/// Leave to decode a request, dropped when what it became is dropped.
pub type Turn = OwnedSemaphorePermit;

/// Who decodes when.
#[derive(Debug, Clone)]
pub struct Turns {
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE as usize)), patience: PATIENCE }
    }
}

impl Turns {
    /// Waits for a turn to decode a body of [`LARGE`] bytes at most.
    ///
    /// # Errors
    ///
    /// [`crate::error::Code::RequestLimitExceeded`] after half a minute.
    pub async fn wait(&self) -> Result<Turn> {
        self.take(1).await
    }

    /// Waits until nobody else decodes.
    ///
    /// # Errors
    ///
    /// As for [`Turns::wait`].
    pub async fn wait_for_all(&self) -> Result<Turn> {
        self.take(AT_ONCE).await
    }

    async fn take(&self, share: u32) -> Result<Turn> {
        match tokio::time::timeout(self.patience, self.turns.clone().acquire_many_owned(share)).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Error::saturated()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[tokio::test]
    async fn who_waits_too_long_is_sent_away() {
        let turns = Turns { patience: Duration::from_millis(1), ..Turns::default() };
        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            held.push(turns.wait().await.unwrap());
        }
        assert_eq!(turns.wait().await.unwrap_err().code(), Code::RequestLimitExceeded);
        held.pop();
        assert!(turns.wait_for_all().await.is_err());
        assert!(turns.wait().await.is_ok());
        held.clear();
        let alone = turns.wait_for_all().await.unwrap();
        assert!(turns.wait().await.is_err());
        drop(alone);
        assert!(turns.wait().await.is_ok());
    }
}
