//! The body of an answer, and what lasts until its last byte is on its way.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use pin_project_lite::pin_project;

/// What everything that writes a body is done in; over when it is dropped.
pub(super) trait Around {
    /// Does `work` in it.
    fn enter<R>(&self, work: impl FnOnce() -> R) -> R;
}

pin_project! {
    /// A body that is written in something.
    pub(super) struct Answer<B, A> {
        #[pin]
        pub(super) body: B,
        pub(super) around: A,
    }
}

impl<B: MessageBody, A: Around> MessageBody for Answer<B, A> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.project();
        this.around.enter(|| this.body.poll_next(context))
    }
}
