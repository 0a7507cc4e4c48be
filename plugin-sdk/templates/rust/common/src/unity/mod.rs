//! The safe face of the plugin ABI. A collector implements `Polled` or `Streaming`; the macro
//! `unity_plugin!` makes the exported function and the manifest's note. Panics end at the barrier:
//! the host sees a status and a text.
#![allow(dead_code)]

pub mod abi;
mod export;
mod options;
mod records;
#[cfg(test)]
pub mod testkit;

use std::any::Any;
use std::os::raw::{c_int, c_ulong, c_void};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::time::Duration;

pub use export::{polled, streaming, Note, Shared};
pub use options::Options;
pub use records::Records;

/// Why a call failed. The class decides what the host does next; `code` is for machines.
#[derive(Debug)]
pub struct Failure {
    pub status: abi::Status,
    pub code: String,
    pub message: String,
    pub retry_after_ms: u32,
}
impl Failure {
    pub fn new(status: abi::Status, code: &str, message: impl Into<String>) -> Failure {
        Failure { status, code: code.into(), message: message.into(), retry_after_ms: 0 }
    }
    fn of_host(status: abi::Status, attempt: &str) -> Failure {
        let reason = match status {
            abi::E_CANCELLED => "the call was cancelled",
            abi::E_NOT_FOUND => "there is none of that name",
            abi::E_DENIED => "the manifest does not ask for it or the operator has not granted it",
            abi::E_UNSUPPORTED => "this host does not serve it",
            abi::E_LIMIT => "it exceeds a limit of the host",
            _ => "the host failed",
        };
        Failure::new(status, "unity.host", format!("{attempt}: {reason}"))
    }
}
pub type Result<T> = std::result::Result<T, Failure>;

fn to_abi(bytes: &[u8]) -> abi::Str {
    abi::Str { ptr: bytes.as_ptr(), len: bytes.len() as u64 }
}
/// The host lends these bytes for the length of a call.
unsafe fn from_abi<'a>(text: abi::Str) -> &'a [u8] {
    if text.len == 0 {
        return &[];
    }
    std::slice::from_raw_parts(text.ptr, text.len as usize)
}
fn check(status: abi::Status, attempt: &str) -> Result<()> {
    if status >= 0 {
        return Ok(());
    }
    Err(Failure::of_host(status, attempt))
}

/// What the host offers as long as the instance lives, to any thread.
#[derive(Clone, Copy)]
pub struct Host(*mut abi::Host);
unsafe impl Send for Host {}
unsafe impl Sync for Host {}

impl Host {
    fn api(&self) -> &abi::HostApi {
        unsafe { &*(*self.0).api }
    }
    pub fn log(&self, level: u32, message: &str) {
        unsafe { (self.api().log)(self.0, level, to_abi(message.as_bytes()), to_abi(b"")) }
    }
    pub fn info(&self, message: &str) {
        self.log(abi::LOG_INFO, message)
    }
    pub fn warn(&self, message: &str) {
        self.log(abi::LOG_WARN, message)
    }
    pub fn now_unix_ns(&self) -> i64 {
        unsafe { (self.api().now_unix_ns)(self.0) }
    }
    pub fn now_mono_ns(&self) -> u64 {
        unsafe { (self.api().now_mono_ns)(self.0) }
    }
    /// Gives the bytes of a secret to `take`; the host wipes them when it returns.
    pub fn with_secret<T>(&self, name: &str, take: impl FnOnce(&[u8]) -> T) -> Result<T> {
        let attempt = format!("cannot get the secret {name}");
        self.receive(take, |sink, ctx| unsafe {
            (self.api().secret_get)(self.0, to_abi(name.as_bytes()), sink, ctx)
        })
        .map_err(|status| Failure::of_host(status, &attempt))
    }
    /// What this instance has put under that key, in this process or an earlier one.
    pub fn state(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let kept = self.receive(<[u8]>::to_vec, |sink, ctx| unsafe {
            (self.api().state_get)(self.0, to_abi(key.as_bytes()), sink, ctx)
        });
        match kept {
            Ok(value) => Ok(Some(value)),
            Err(abi::E_NOT_FOUND) => Ok(None),
            Err(status) => Err(Failure::of_host(status, &format!("cannot read the state {key}"))),
        }
    }
    /// An empty value deletes the key.
    pub fn put_state(&self, key: &str, value: &[u8]) -> Result<()> {
        let status =
            unsafe { (self.api().state_put)(self.0, to_abi(key.as_bytes()), to_abi(value)) };
        check(status, &format!("cannot keep the state {key}"))
    }

    /// A panic must not cross the host's frames: it is kept until the host has returned.
    fn receive<T, F: FnOnce(&[u8]) -> T>(
        &self,
        take: F,
        ask: impl FnOnce(abi::Sink, *mut c_void) -> abi::Status,
    ) -> std::result::Result<T, abi::Status> {
        struct Taker<T, F> {
            take: Option<F>,
            taken: Option<std::thread::Result<T>>,
        }
        unsafe extern "C" fn sink<T, F: FnOnce(&[u8]) -> T>(ctx: *mut c_void, bytes: abi::Str) {
            let taker = &mut *(ctx as *mut Taker<T, F>);
            if let Some(take) = taker.take.take() {
                let bytes = from_abi(bytes);
                taker.taken = Some(catch_unwind(AssertUnwindSafe(|| take(bytes))));
            }
        }
        let mut taker = Taker { take: Some(take), taken: None };
        let status = ask(sink::<T, F>, &mut taker as *mut Taker<T, F> as *mut c_void);
        match taker.taken {
            Some(Ok(value)) if status >= 0 => Ok(value),
            Some(Err(panic)) => resume_unwind(panic),
            _ => Err(if status < 0 { status } else { abi::E_INTERNAL }),
        }
    }
}

/// What the host offers during one call, on its thread alone.
pub struct Call {
    raw: *mut abi::Call,
    warned: bool,
}
impl Call {
    fn api(&self) -> &abi::CallApi {
        unsafe { &*(*self.raw).api }
    }
    /// Stages the records; they count if the call ends well. A checkpoint becomes durable only
    /// once they are, and is then what the next create() gets. Empty: none.
    pub fn emit(&mut self, records: &Records, checkpoint: &[u8]) -> Result<()> {
        let batch = batch_of(records, checkpoint);
        check(unsafe { (self.api().emit)(self.raw, &batch) }, "the host refused a batch")
    }
    /// Something is missing: what is emitted counts, the instance is shown as degraded.
    pub fn warn(&mut self, message: &str) {
        report(self.raw, &Failure::new(abi::PARTIAL, "", message));
        self.warned = true;
    }
    pub fn is_cancelled(&self) -> bool {
        unsafe { (self.api().is_cancelled)(self.raw) != 0 }
    }
    pub fn end_if_cancelled(&self) -> Result<()> {
        if self.is_cancelled() {
            return Err(Failure::new(abi::E_CANCELLED, "unity.cancelled", "cancelled"));
        }
        Ok(())
    }
    /// Readable once the call is cancelled. Belongs to the host; -1 if it has none left: then ask
    /// is_cancelled() now and then.
    pub fn cancel_fd(&self) -> i32 {
        unsafe { (self.api().cancel_fd)(self.raw) }
    }
    /// On Host::now_mono_ns()'s clock; 0 if there is none.
    pub fn deadline_mono_ns(&self) -> u64 {
        unsafe { (self.api().deadline_mono_ns)(self.raw) }
    }
    /// Waits that long, but not longer than until the call is cancelled; says whether it is.
    pub fn cancelled_within(&self, patience: Duration) -> bool {
        #[repr(C)]
        struct PollFd {
            fd: c_int,
            events: i16,
            revents: i16,
        }
        extern "C" {
            fn poll(fds: *mut PollFd, count: c_ulong, timeout_ms: c_int) -> c_int;
        }
        const POLLIN: i16 = 1;
        let mut cancelled = PollFd { fd: self.cancel_fd(), events: POLLIN, revents: 0 };
        let mut left = patience.as_millis().min(c_int::MAX as u128) as c_int;
        // Without a descriptor there is nothing to wait for: then look now and then.
        let most = if cancelled.fd < 0 { 100 } else { left };
        while left > 0 && !self.is_cancelled() {
            let wait = left.min(most);
            unsafe { poll(&mut cancelled, 1, wait) };
            left -= wait;
        }
        self.is_cancelled()
    }
}

/// What a streaming collector pushes through, from any thread, while stream() is active.
#[derive(Clone, Copy)]
pub struct Stream(*mut abi::Stream);
unsafe impl Send for Stream {}
unsafe impl Sync for Stream {}

impl Stream {
    /// Waits that long for room. False: the queue stayed full and nothing was taken.
    pub fn emit(&self, records: &Records, wait: Duration, checkpoint: &[u8]) -> Result<bool> {
        let batch = batch_of(records, checkpoint);
        let wait_ns = wait.as_nanos().min(u64::MAX as u128) as u64;
        match unsafe { ((*(*self.0).api).emit)(self.0, &batch, wait_ns) } {
            abi::E_AGAIN => Ok(false),
            status => check(status, "the host refused a batch of the stream").map(|()| true),
        }
    }
    /// The source is connected: the host shows the instance as healthy. Say it once.
    pub fn ready(&self) -> Result<()> {
        check(unsafe { ((*(*self.0).api).ready)(self.0) }, "cannot report the stream ready")
    }
}

fn batch_of(records: &Records, checkpoint: &[u8]) -> abi::Batch {
    abi::Batch {
        struct_size: std::mem::size_of::<abi::Batch>() as u32,
        dataset: abi::DATASET_METRICS,
        format: abi::FORMAT_NDJSON,
        flags: 0,
        data: to_abi(records.text().as_bytes()),
        n_rows: 0,
        time_unix_ns: 0,
        checkpoint: to_abi(checkpoint),
    }
}

/// What an instance may want to know when it is made.
pub struct Start<'a> {
    pub instance_id: &'a str,
    /// The last durable one, or empty.
    pub checkpoint: &'a [u8],
}

pub trait Collector: Sized + Send + 'static {
    /// Once for each configured instance. Leaves nothing behind if it fails.
    fn create(host: Host, options: &Options, start: &Start) -> Result<Self>;
}
pub trait Polled: Collector {
    /// At each interval: emits what there is now. Not always on the same thread.
    fn collect(&mut self, call: &mut Call) -> Result<()>;
}
pub trait Streaming: Collector {
    /// On a thread of its own: returns when cancelled, or when the source ends.
    fn stream(&mut self, call: &mut Call, stream: &Stream) -> Result<()>;
}

fn report(call: *mut abi::Call, failure: &Failure) -> abi::Status {
    let error = abi::Error {
        struct_size: std::mem::size_of::<abi::Error>() as u32,
        retry_after_ms: failure.retry_after_ms,
        message: to_abi(failure.message.as_bytes()),
        code: to_abi(failure.code.as_bytes()),
        detail_json: to_abi(b""),
    };
    unsafe { ((*(*call).api).fail)(call, &error) };
    failure.status
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("no text"))
}

/// The one place where panics end.
fn barrier(call: *mut abi::Call, body: impl FnOnce() -> Result<abi::Status>) -> abi::Status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(status)) => status,
        Ok(Err(failure)) => report(call, &failure),
        Err(panic) => {
            let failure = Failure::new(abi::E_INTERNAL, "unity.panic", text_of(&*panic));
            std::mem::forget(panic); // dropping it could panic again
            report(call, &failure)
        }
    }
}
