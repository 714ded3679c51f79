//! Spans that go on, and how they are ended.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use tokio::sync::mpsc;

use super::{Kind, Place, Sampler, Span, Value, new_span_id};
use crate::meter;

/// The longest text of an attribute, in bytes; the rest is cut off.
const LONGEST: usize = 1024;

/// Records requests. The default records none.
#[derive(Clone, Default)]
pub struct Recorder(Option<Arc<Recording>>);

struct Recording {
    sampler: Sampler,
    queue: mpsc::Sender<Span>,
    meter: meter::Spans,
}

/// Something that goes on until this is dropped; the default is recorded nowhere.
#[derive(Default)]
pub struct Begun(Option<Box<Open>>);

struct Open {
    recording: Arc<Recording>,
    span: Span,
    clock: Instant,
}

/// The request that a task works for.
#[derive(Clone)]
struct Context {
    recording: Arc<Recording>,
    trace_id: u128,
    id: u64,
}

tokio::task_local! {
    static CONTEXT: Option<Context>;
}

impl Recorder {
    /// Puts what `sampler` chooses into `queue`.
    #[must_use]
    pub fn new(sampler: Sampler, queue: mpsc::Sender<Span>, meter: meter::Spans) -> Self {
        Self(Some(Arc::new(Recording { sampler, queue, meter })))
    }

    /// Whether a trace is recorded, by the decision of the caller if there is one; `None` if none ever is.
    #[must_use]
    pub fn records(&self, trace_id: u128, parent: Option<bool>) -> Option<bool> {
        self.0.as_ref().map(|recording| recording.sampler.records(trace_id, parent))
    }

    /// A request has arrived that is to be recorded.
    #[must_use]
    pub fn begin(&self, place: Place, name: &str) -> Begun {
        let recording = self.0.as_ref();
        recording.map_or_else(Begun::default, |recording| begin(recording.clone(), place, Kind::Server, name))
    }
}

fn begin(recording: Arc<Recording>, place: Place, kind: Kind, name: &str) -> Begun {
    let (began, clock) = (SystemTime::now(), Instant::now());
    let (name, took, attributes) = (name.to_owned(), clock.elapsed(), Vec::new());
    let span = Span { place, name, kind, began, took, attributes, failed: false };
    Begun(Some(Box::new(Open { recording, span, clock })))
}

/// Begins a part of what the task's request does; recorded if that is.
#[must_use]
pub fn part(kind: Kind, name: &str) -> Begun {
    let Some(context) = current() else { return Begun::default() };
    let place = Place { trace_id: context.trace_id, id: new_span_id(), parent: Some(context.id) };
    begin(context.recording, place, kind, name)
}

/// Does `work` for `request`: the [parts](part) that it begins are parts of that one.
pub fn within<F: Future>(request: &Begun, work: F) -> impl Future<Output = F::Output> + use<F> {
    CONTEXT.scope(request.context(), work)
}

/// Does `work` for `request` here and now.
pub fn enter<R>(request: &Begun, work: impl FnOnce() -> R) -> R {
    match request.context() {
        Some(context) => CONTEXT.sync_scope(Some(context), work),
        None => work(),
    }
}

/// Takes the request of this task along into another one.
pub fn carry<F: Future>(work: F) -> impl Future<Output = F::Output> + use<F> {
    CONTEXT.scope(current(), work)
}

fn current() -> Option<Context> {
    CONTEXT.try_with(Clone::clone).ok().flatten()
}

impl Begun {
    /// Whether it is recorded; if not, nothing needs to be found out about it.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        self.0.is_some()
    }

    fn context(&self) -> Option<Context> {
        self.0.as_ref().map(|open| Context {
            recording: open.recording.clone(),
            trace_id: open.span.place.trace_id,
            id: open.span.place.id,
        })
    }

    /// What was done is known better by now.
    pub fn rename(&mut self, name: String) {
        if let Some(open) = &mut self.0 {
            open.span.name = name;
        }
    }

    /// Says more about it; each name once.
    pub fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        if let Some(open) = &mut self.0 {
            let value = match value.into() {
                Value::Text(mut text) => {
                    text.truncate(text.floor_char_boundary(LONGEST));
                    Value::Text(text)
                }
                number @ Value::Number(_) => number,
            };
            open.span.attributes.push((name, value));
        }
    }

    /// It failed; `kind` is one of a bounded set.
    pub fn fail(&mut self, kind: &str) {
        self.set("error.type", kind);
        if let Some(open) = &mut self.0 {
            open.span.failed = true;
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let Some(open) = self.0.take() else { return };
        let Open { recording, mut span, clock } = *open;
        span.took = clock.elapsed();
        if recording.queue.try_send(span).is_err() {
            recording.meter.queue_was_full();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { trace_id: 7, id: 8, parent: Some(9) };

    fn recorder(room: usize) -> (Recorder, mpsc::Receiver<Span>, meter::Meters) {
        let (queue, spans) = mpsc::channel(room);
        let meters = meter::Meters::new().unwrap();
        (Recorder::new(Sampler::default(), queue, meters.spans.clone()), spans, meters)
    }

    #[tokio::test]
    async fn parts_belong_to_the_request_of_their_task() {
        let (recorder, mut spans, _) = recorder(9);
        drop(part(Kind::Client, "nobody's"));
        let mut request = recorder.begin(PLACE, "GET");
        let work = async {
            drop(part(Kind::Client, "one"));
            tokio::spawn(carry(async { drop(part(Kind::Internal, "carried")) })).await.unwrap();
            tokio::spawn(async { drop(part(Kind::Internal, "lost")) }).await.unwrap();
        };
        within(&request, work).await;
        enter(&request, || drop(part(Kind::Client, "entered")));
        within(&Begun::default(), async { drop(part(Kind::Client, "unrecorded")) }).await;
        request.rename("GET /x".to_owned());
        request.set("number", 5_u16);
        request.set("text", format!("{}é", "a".repeat(1023)).as_str());
        request.fail("500");
        drop(request);
        drop(recorder);
        let one = spans.recv().await.unwrap();
        assert_eq!((one.name.as_str(), one.kind, one.place.parent), ("one", Kind::Client, Some(8)));
        assert!(one.place.trace_id == 7 && one.place.id != 8);
        assert_eq!(spans.recv().await.unwrap().name, "carried");
        assert_eq!(spans.recv().await.unwrap().name, "entered");
        let request = spans.recv().await.unwrap();
        assert_eq!((request.name.as_str(), request.place, request.failed), ("GET /x", PLACE, true));
        let text = |text: &str| Value::Text(text.to_owned());
        let expected =
            vec![("number", Value::Number(5)), ("text", text(&"a".repeat(1023))), ("error.type", text("500"))];
        assert_eq!(request.attributes, expected);
        assert_eq!(spans.recv().await, None);
    }

    #[test]
    fn nobody_waits_for_room() {
        let (recorder, mut spans, meters) = recorder(1);
        for name in ["kept", "dropped", "dropped"] {
            drop(recorder.begin(PLACE, name));
        }
        assert_eq!(spans.try_recv().unwrap().name, "kept");
        let page = meters.page(meter::Sheet::default()).unwrap();
        assert!(page.contains("tracklet_otlp_spans_dropped_total{reason=\"queue_full\"} 2"), "{page}");
    }
}
